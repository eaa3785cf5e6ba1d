/** An image of a thousand files, against bare `xorriso -as mkisofs -r`, which neither checks nor syncs, the same with its checksums and a sync, and the reading back against `sha256sum` of the same bytes. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Results; the tools as in run.mjs. */
export async function discs(files, bytes, rounds, make, { work, entry, timed, median }) {
  make(join(work, 'tree'));
  const program = join(work, 'disc.mjs');
  writeFileSync(
    program,
    `import { readFileSync, writeFileSync } from 'node:fs';
import { checkDisc, createWriter, shownBy } from ${JSON.stringify(entry)};
const [deed, image] = process.argv.slice(2);
if (deed === 'write') {
  writeFileSync(image, '');
  const writer = await createWriter({ deviceType: 'bdwriter', mediaType: 'bd-re', targetDevice: image });
  writer.initializeImage({ newDisc: true, mediaLabel: 'BENCH' });
  writer.addImageEntry(${JSON.stringify(join(work, 'tree'))});
  const { digests } = await writer.writeImage();
  writeFileSync(image + '.digests', JSON.stringify([...digests]));
} else {
  const known = new Map(JSON.parse(readFileSync(image + '.digests', 'utf8')));
  const expected = { written: new Map(), kept: await shownBy(image), digests: new Map() };
  const { faults, files } = await checkDisc(image, { expected, known, allSessions: true });
  if (faults.length > 0 || files !== ${files}) throw new Error('the image is not what was written');
}
`,
  );
  const node = (deed) => timed(process.execPath, [program, deed, join(work, 'ours.iso')]);
  const shell = (command) => timed('bash', ['-c', command]);
  const sides = {
    ours: () => node('write'),
    bare: () => shell('xorriso -as mkisofs -quiet -r -o bare.iso tree'),
    sums: () => shell('xorriso -as mkisofs -quiet -r --md5 -o sums.iso tree && sync sums.iso'),
    check: () => node('check'),
    sha256sum: () => shell('find tree -type f -print0 | xargs -0 sha256sum >/dev/null'),
  };
  const times = Object.fromEntries(Object.keys(sides).map((side) => [side, []]));
  // The first round only warms the caches.
  for (let round = 0; round <= rounds; round += 1) {
    for (const [side, run] of Object.entries(sides)) {
      for (const image of ['bare.iso', 'sums.iso', ...(side === 'ours' ? ['ours.iso'] : [])])
        rmSync(join(work, image), { force: true });
      await timed('sync', []);
      const seconds = await run();
      if (round > 0) times[side].push(seconds);
    }
  }
  const of = (side) => median(times[side]);
  const result = (name, baseline, ours, theirs, most) => ({
    name,
    baseline,
    ours,
    theirs,
    ratio: theirs / ours,
    good: most === undefined || ours <= most * theirs,
    wanted: most === undefined ? 'reported' : `at most ${most} times as long`,
    rounds,
  });
  const what = `an image of ${files} files, ${Math.round(bytes / 1024 ** 2)} MiB`;
  const read = of('check');
  return [
    result(`${what}, read back`, 'xorriso -as mkisofs -r', of('ours'), of('bare')),
    result(`${what}, less the reading back`, 'xorriso -as mkisofs -r', of('ours') - read, of('bare'), 1.25),
    result(`${what}, less the reading back`, 'the same with --md5, sync', of('ours') - read, of('sums')),
    result('reading it back', 'sha256sum', read, of('sha256sum'), 1.5),
  ];
}
