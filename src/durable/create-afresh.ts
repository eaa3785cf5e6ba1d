import { unlinkSync } from 'node:fs';
import { systemCode } from '../errors.ts';
import { fsPath } from '../model/byte-name.ts';
import type { Attributes, FileOperations } from './file-operations.ts';

/** Creates a small file under a temporary name (see `createSmall`), where a run that was stopped may have left one. What fails leaves nothing. */
export function createAfresh(
  create: NonNullable<FileOperations['createSmall']>,
  path: string,
  data: Uint8Array,
  attributes: Attributes,
): void {
  try {
    create(path, data, attributes);
  } catch (error) {
    removeIfThere(path);
    if (systemCode(error) !== 'EEXIST') throw error;
    try {
      create(path, data, attributes);
    } catch (again) {
      removeIfThere(path);
      throw again;
    }
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(fsPath(path));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}
