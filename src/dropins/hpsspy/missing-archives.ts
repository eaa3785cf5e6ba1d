import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { fileError, StowageError } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import { type JsonNode, lastMembers, readJson } from '../../rules/json-tree.ts';

/** An archive of a missing file. */
export interface MissingArchive {
  readonly name: string;
  readonly files: readonly string[];
}

/** The archives of a missing file, in its order. Throws `unavailable` if it cannot be read, `corrupt` if it is none. */
export function* missingArchives(path: string): Generator<MissingArchive> {
  let given = 0;
  for (const archive of asWritten(path)) {
    if (archive === undefined) {
      // Somebody else wrote it, or it was edited: then it is read as a whole.
      yield* [...asJson(path)].slice(given);
      return;
    }
    given += 1;
    yield archive;
  }
}

/** As HPSSPy and Stowage write it, line by line; undefined at the first line that is otherwise. */
function* asWritten(path: string): Generator<MissingArchive | undefined> {
  let archive: { name: string; files: string[] } | undefined;
  let inFiles = false;
  for (const line of linesOf(path)) {
    if (inFiles && archive !== undefined) {
      const file = /^ {6}(".*"),?$/.exec(line);
      if (file !== null) archive.files.push(textOf(file[1]!));
      else if (line === '    ],') inFiles = false;
      else yield undefined;
    } else if (line === '    "files": [') inFiles = true;
    else if (archive !== undefined && (line === '  }' || line === '  },')) {
      yield archive;
      archive = undefined;
    } else if (archive === undefined && /^ {2}".*": \{$/.test(line))
      archive = { name: textOf(line.slice(2, -3)), files: [] };
    else if (
      line !== '{' &&
      line !== '}' &&
      line !== '{}' &&
      !/^ {4}"(?:size|newer|exists)": [a-z0-9-]+,?$/.test(line)
    ) {
      yield undefined;
    }
  }
  if (archive !== undefined) yield undefined;
}

function textOf(json: string): string {
  try {
    return JSON.parse(json) as string;
  } catch {
    return json.slice(1, -1);
  }
}

function* linesOf(path: string): Generator<string> {
  let file: number;
  try {
    file = openSync(fsPath(path), 'r');
  } catch (error) {
    throw fileError(`cannot read the missing file '${displayName(path)}'`, error);
  }
  try {
    const buffer = Buffer.allocUnsafe(1 << 20);
    // A line may be cut in the middle of a character, if somebody else wrote it.
    const decoder = new TextDecoder();
    let held = '';
    for (;;) {
      const read = readSync(file, buffer, 0, buffer.length, null);
      held += decoder.decode(buffer.subarray(0, read), { stream: read > 0 });
      const lines = held.split('\n');
      held = read > 0 ? lines.pop()! : '';
      yield* read > 0 ? lines : lines.filter((line) => line !== '');
      if (read === 0) return;
    }
  } finally {
    closeSync(file);
  }
}

function* asJson(path: string): Generator<MissingArchive> {
  let tree: JsonNode;
  try {
    tree = readJson(readFileSync(fsPath(path)));
  } catch (error) {
    throw new StowageError('corrupt', `'${displayName(path)}' is no missing file`, { cause: error });
  }
  for (const { key, value } of tree.kind === 'object' ? lastMembers(tree.members).values() : []) {
    const files = value.kind === 'object' ? lastMembers(value.members).get('files')?.value : undefined;
    if (files?.kind !== 'array')
      throw new StowageError('corrupt', `'${displayName(path)}' is no missing file: '${key}' has no files`);
    yield { name: key, files: files.items.flatMap((one) => (one.kind === 'string' ? [one.value] : [])) };
  }
}
