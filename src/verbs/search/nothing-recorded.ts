import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';

/** That a section has no record here at all, which says nothing about the store: where the state folder was lost, the store has it all the same. */
export function nothingRecorded(state: string, section: string): StowageError {
  const where = `section '${displayName(section)}' in the state folder '${displayName(state)}'`;
  return new StowageError('missing', `nothing is recorded of ${where}`, {
    hint: 'if it was archived before: stowage rebuild-catalog CONFIG learns from the store what it holds; or name the right state folder with --state DIR',
  });
}
