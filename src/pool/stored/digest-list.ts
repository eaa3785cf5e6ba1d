import { displayText, nameFromBytes, nameToBytes } from '../../model/byte-name.ts';

/** Files with their digests, as `sha256sum` writes and checks them: docs/formats/receipt.md. */
export interface DigestList {
  /** What is said above the files, by word. */
  readonly facts: ReadonlyMap<string, string>;
  /** Hex SHA-256 by path. */
  readonly digests: ReadonlyMap<string, string>;
}

const end = '# end of the list';

/** The lines of a list, each without its end. The last one says that it is whole: it is not always written in one step. */
export function digestLines({ facts, digests }: DigestList): readonly string[] {
  const said = [...facts].map(([word, value]) => `# ${word} ${displayText(value)}`);
  const files = [...digests].map(([path, sha256]) => {
    const name = path.replace(/[\\\n\r]/g, (one) => ({ '\\': '\\\\', '\n': '\\n', '\r': '\\r' })[one]!);
    return `${name === path ? '' : '\\'}${sha256}  ${name}`;
  });
  return [...said, ...files, end];
}

/** The bytes of a list. */
export function digestBytes(list: DigestList): Buffer {
  return nameToBytes(`${digestLines(list).join('\n')}\n`);
}

/** Reads a list; undefined for anything that is not a whole one. */
export function readDigestList(bytes: Uint8Array): DigestList | undefined {
  const lines = nameFromBytes(bytes).split('\n');
  if (lines.pop() !== '' || lines.pop() !== end) return undefined;
  const facts = new Map<string, string>();
  const digests = new Map<string, string>();
  for (const line of lines) {
    const [, word, value] = /^# ([a-z-]+) (.*)$/s.exec(line) ?? [];
    if (word !== undefined) {
      facts.set(word, value!);
      continue;
    }
    const [, escaped, sha256, name] = /^(\\?)([0-9a-f]{64}) {2}(.+)$/s.exec(line) ?? [];
    if (sha256 === undefined) return undefined;
    digests.set(escaped === '' ? name! : unescaped(name!), sha256);
  }
  return { facts, digests };
}

function unescaped(name: string): string {
  return name.replace(/\\([\\nr])/g, (_, one: string) => ({ '\\': '\\', n: '\n', r: '\r' })[one]!);
}
