import { opendir } from 'node:fs/promises';
import { fsPathOfRaw, rawName } from '../model/byte-name.ts';
import { type Work, workOf } from './work.ts';

const namesInPiece = 16_384;

/** The names of a directory as work, a piece after the other, so that no memory must hold them all. Throws Node's own errors. */
export async function* giantDirectory(root: string, disk: number, directory: string): AsyncGenerator<Work> {
  const path = fsPathOfRaw(directory === '' ? rawName(root) : `${rawName(root)}/${directory}`);
  let names: string[] = [];
  for await (const { name } of await opendir(path as string, { encoding: 'latin1', bufferSize: 1024 })) {
    names.push(name);
    if (names.length < namesInPiece) continue;
    yield workOf('names', disk, directory, names);
    names = [];
  }
  if (names.length > 0) yield workOf('names', disk, directory, names);
}
