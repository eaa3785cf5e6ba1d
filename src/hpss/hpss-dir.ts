import { StowageError } from '../errors.ts';
import type { HpssOptions } from './hpss-options.ts';

/** The directory of the HPSS commands, `$HPSS_DIR/bin`. Throws `configuration` if HPSS_DIR is not set. */
export function getHpssDir(options: Pick<HpssOptions, 'hpssDir'> = {}): string {
  const folder = options.hpssDir ?? process.env.HPSS_DIR;
  if (folder !== undefined && folder !== '') return `${folder.replace(/(?<=.)\/+$/, '')}/bin`;
  throw new StowageError('configuration', 'HPSS_DIR is not set, so hsi and htar cannot be found', {
    hint: 'export HPSS_DIR=DIR, where DIR/bin holds hsi; stowage sandbox hpss DIR makes one to try',
  });
}

/** Where temporary files go: the option, else `$TMPDIR`, else `/tmp`. */
export function getTmpdir(options: Pick<HpssOptions, 'tmpdir'> = {}): string {
  return options.tmpdir ?? process.env.TMPDIR ?? '/tmp';
}
