/** A member of a tar, as it is to be written. */
export interface RawMember {
  readonly name: string;
  readonly flag?: string;
  readonly content?: string;
  readonly link?: string;
}

/** A tar as nobody should make one: names are written as they are. */
export function rawTar(members: readonly RawMember[]): Buffer {
  const blocks: Buffer[] = [];
  for (const { name, flag = '0', content = '', link = '' } of members) {
    const header = Buffer.alloc(512);
    header.write(name, 0, 'latin1');
    header.write(`0000644\0${'0000000\0'.repeat(2)}${content.length.toString(8).padStart(11, '0')}\0`, 100, 'latin1');
    header.write('14500000000\0        ', 136, 'latin1');
    header.write(flag, 156, 'latin1');
    header.write(link, 157, 'latin1');
    header.write('ustar\x0000', 257, 'latin1');
    const sum = header.reduce((all, byte) => all + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    blocks.push(header, Buffer.from(content.padEnd(Math.ceil(content.length / 512) * 512, '\0')));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** What makes a tar hostile; its members, most of them below the folder `d`, with `outside` as the folder that must stay as it is; and what can be restored from it, relative to `d`. */
export const hostileTars: readonly (readonly [
  what: string,
  members: (d: string, outside: string) => readonly RawMember[],
  fine: readonly string[],
])[] = [
  [
    'a name upwards',
    (d) => [
      { name: `${d}/ok`, content: 'fine' },
      { name: `${d}/../../../outside/victim/file`, content: 'X' },
    ],
    ['ok'],
  ],
  [
    'a name that begins upwards',
    (d) => [
      { name: '../outside/victim/file', content: 'X' },
      { name: `${d}/ok`, content: 'fine' },
    ],
    ['ok'],
  ],
  [
    'an absolute name',
    (d, outside) => [
      { name: `${d}/ok`, content: 'fine' },
      { name: `${outside}/victim/file`, content: 'X' },
    ],
    ['ok'],
  ],
  [
    'a link out and a file through it',
    (d, outside) => [
      { name: `${d}/a`, flag: '2', link: `${outside}/victim` },
      { name: `${d}/a/file`, content: 'X' },
      { name: `${d}/ok`, content: 'fine' },
    ],
    ['ok'],
  ],
  [
    'the file first, then the link in place of its folder',
    (d, outside) => [
      { name: `${d}/a/file`, content: 'X' },
      { name: `${d}/a`, flag: '2', link: `${outside}/victim` },
      { name: `${d}/ok`, content: 'fine' },
    ],
    ['ok', 'a/file'],
  ],
  [
    'a hard link to a name upwards',
    (d) => [
      { name: `${d}/h`, flag: '1', link: '../../outside/victim/file' },
      { name: `${d}/ok`, content: 'fine' },
    ],
    ['ok'],
  ],
  [
    'a hard link to nothing',
    (d) => [
      { name: `${d}/h`, flag: '1', link: `${d}/none` },
      { name: `${d}/ok`, content: 'fine' },
    ],
    ['ok'],
  ],
  [
    'hard links in a circle',
    (d) => [
      { name: `${d}/h`, flag: '1', link: `${d}/i` },
      { name: `${d}/i`, flag: '1', link: `${d}/h` },
      { name: `${d}/ok`, content: 'fine' },
    ],
    ['ok'],
  ],
  [
    'a device, a pipe and a type that nobody knows',
    (d) => [
      { name: `${d}/dev`, flag: '3' },
      { name: `${d}/pipe`, flag: '6' },
      { name: `${d}/odd`, flag: 'Q' },
      { name: `${d}/ok`, content: 'fine' },
    ],
    ['ok'],
  ],
  [
    'a file and a directory of one name',
    (d) => [
      { name: `${d}/x`, content: 'X' },
      { name: `${d}/x/y`, content: 'Y' },
      { name: `${d}/ok`, content: 'fine' },
    ],
    ['ok'],
  ],
];
