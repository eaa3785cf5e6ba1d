import { printableWord } from '../model/printable-word.ts';
import type { RecordOwner } from '../verbs/search/search-event.ts';

/** What it may mean that nothing is recorded, which says nothing about the store, and the command that asks the store. */
export function noRecordText({ configuration, state, pool }: RecordOwner): string {
  const end = configuration.startsWith('-') ? ['--'] : [];
  const elsewhere = state === undefined ? [] : ['--state', state];
  const command = pool ? ['pool', 'relearn'] : ['rebuild-catalog'];
  const line = ['stowage', ...command, ...elsewhere, ...end, configuration].map(printableWord).join(' ');
  return `never archived, or the record was lost; ${line} learns from the store what it holds`;
}
