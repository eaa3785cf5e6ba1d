import { accessSync, constants, statSync } from 'node:fs';
import { systemCode } from '../errors.ts';

/** The path of a program as PATH finds it, or undefined. A name with a slash is looked up as it is. */
export function findProgram(name: string, path: string | undefined = process.env.PATH): string | undefined {
  if (name === '' || name.includes('\0')) return undefined;
  if (name.includes('/')) return isProgram(name) ? name : undefined;
  // An empty part of PATH is the current directory (POSIX, 8.3).
  const places = (path ?? '').split(':').map((folder) => `${folder === '' ? '.' : folder}/${name}`);
  return places.find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return false;
  }
}
