import { readFile, stat } from 'node:fs/promises';
import { fsPath } from '../model/byte-name.ts';

/** True for a file that is the configuration of a pool and not of a project: XML, or JSON with a pool's sections. What cannot be read is told by whoever opens it as a project. */
export async function isPoolFile(path: string): Promise<boolean> {
  try {
    // A pipe gives what it has once.
    if (!(await stat(fsPath(path))).isFile()) return false;
    const text = (await readFile(fsPath(path), 'utf8')).replace(/^\ufeff/, '').trimStart();
    if (!text.startsWith('{')) return text.startsWith('<');
    const value: object = JSON.parse(text);
    return !('__config__' in value) && 'options' in value && ('store' in value || 'stage' in value);
  } catch {
    return false;
  }
}
