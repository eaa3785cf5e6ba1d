import { linkSync, lutimesSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';

/** Makes a collect directory with all that a name, a type and a time can be; `cback.collect` too. */
export function growStrangeTree(folder: string): void {
  const at = (name: string | Buffer) => Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name)]);
  mkdirSync(folder, { recursive: true });
  const files: readonly (string | Buffer)[] = [
    ...[
      'a.tar',
      '.hidden',
      ' a  b ',
      'new\nline',
      'tab\t',
      `q'uo"te`,
      'back\\slash',
      '*star[1]?',
      '-rf',
      '--help',
      '$(id);x',
    ],
    ...[
      '`id`',
      '#x',
      '~',
      '!',
      'üñï-文.tar',
      'é'.repeat(120),
      'x'.repeat(255),
      '%41',
      '..x',
      'a&&b|c',
      'dir/deep/er/file',
    ],
    Buffer.from('bad\xff\xfe', 'latin1'),
    Buffer.concat([Buffer.from('dir/'), Buffer.from('\x81\x88\xff long '.repeat(20), 'latin1')]),
  ];
  mkdirSync(at('dir/deep/er'), { recursive: true });
  mkdirSync(at('dir/empty\n'));
  mkdirSync(at('dir/closed'), { mode: 0o500 });
  for (const [index, name] of files.entries()) {
    writeFileSync(at(name), `content ${index}\n`.repeat(index * 100), {
      mode: [0o600, 0o644, 0o755, 0o400][index % 4]!,
    });
    lutimesSync(at(name), 1_700_000_000 + index, `${1_600_000_000 + index}.${String(index * 1234).padStart(6, '0')}5`);
  }
  writeFileSync(at('large'), Buffer.alloc(3_000_001, 'large '));
  writeFileSync(at('empty'), '');
  linkSync(at('a.tar'), at('another name of it'));
  symlinkSync('a.tar', at('link'));
  symlinkSync('/no/such/place', at('dangling'));
  symlinkSync(Buffer.from('bad\xff', 'latin1'), at('dir/link to bad'));
  symlinkSync('..', at('dir/up'));
  lutimesSync(at('link'), 1_500_000_000, 1_500_000_000);
  lutimesSync(at('dir/deep'), 1_400_000_000, 1_400_000_000);
  writeFileSync(at('cback.collect'), '');
}
