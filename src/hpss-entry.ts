/** The public entry `stowage/hpss`: HPSSPy's library. Names as there in camelCase; what reaches HPSS is asynchronous. */
export { type ErrorCode, type ErrorDetails, isStowageError, StowageError } from './errors.ts';
export { chmod, makedirs, mkdir } from './hpss/change.ts';
export { getHpssDir, getTmpdir } from './hpss/hpss-dir.ts';
export { HpssError, HpssOSError } from './hpss/hpss-error.ts';
export { HpssFile } from './hpss/hpss-file.ts';
export type { HpssOptions, HpssWait } from './hpss/hpss-options.ts';
export { hsi } from './hpss/hsi.ts';
export { hsiWord } from './hpss/hsi-word.ts';
export { type HtarResult, htar } from './hpss/htar.ts';
export type { HtarEntry } from './hpss/htar-entries.ts';
export { listdir } from './hpss/list-directory.ts';
export { type TreeFile, treeFiles } from './hpss/list-tree.ts';
export { isdir, isfile, islink, lstat, lstatAll, type StatOptions, stat } from './hpss/stat.ts';
export { type WalkedDirectory, type WalkOptions, walk } from './hpss/walk.ts';
