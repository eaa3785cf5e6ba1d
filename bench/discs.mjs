/**
 * An image of a thousand files, until it is durable, against bare `xorriso -as mkisofs -r`, which neither checks nor syncs, and against the same with its checksums and a sync; its reading back against
 * `sha256sum` of the same bytes.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Results; the tools as in run.mjs. */
export async function discs(files, bytes, rounds, make, { work, entry, timed, median }) {
  make(join(work, 'tree'));
  const program = join(work, 'disc.mjs');
  writeFileSync(
    program,
    `import { readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { checkDisc, createWriter } from ${JSON.stringify(entry)};
const [deed, image] = process.argv.slice(2);
if (deed === 'write') {
  writeFileSync(image, '');
  // When the image is durable its reading back begins: nobody says so, but the first fsync ends then.
  const file = await open(image);
  const handle = Object.getPrototypeOf(file);
  const { sync } = handle;
  let durable;
  handle.sync = async function () {
    await sync.call(this);
    durable ??= performance.now() / 1000;
  };
  await file.close();
  const writer = await createWriter({ deviceType: 'bdwriter', mediaType: 'bd-re', targetDevice: image });
  writer.initializeImage({ newDisc: true, mediaLabel: 'BENCH' });
  writer.addImageEntry(${JSON.stringify(join(work, 'tree'))});
  const { digests } = await writer.writeImage();
  writeFileSync(image + '.digests', JSON.stringify([...digests]));
  writeFileSync(image + '.durable', String(durable));
} else {
  const known = new Map(JSON.parse(readFileSync(image + '.digests', 'utf8')));
  const { faults, files } = await checkDisc(image, { known, allSessions: true });
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
  const times = Object.fromEntries([...Object.keys(sides), 'durable', 'back'].map((side) => [side, []]));
  // The first round only warms the caches.
  for (let round = 0; round <= rounds; round += 1) {
    for (const [side, run] of Object.entries(sides)) {
      for (const image of ['bare.iso', 'sums.iso', ...(side === 'ours' ? ['ours.iso'] : [])])
        rmSync(join(work, image), { force: true });
      await timed('sync', []);
      const seconds = await run();
      if (round === 0) continue;
      times[side].push(seconds);
      if (side !== 'ours') continue;
      const durable = Number(readFileSync(join(work, 'ours.iso.durable'), 'utf8'));
      times.durable.push(durable);
      times.back.push(seconds - durable);
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
  return [
    result(`${what}, read back`, 'xorriso -as mkisofs -r', of('ours'), of('bare')),
    result(`${what}, until it is durable`, 'xorriso -as mkisofs -r', of('durable'), of('bare'), 1.25),
    result(`${what}, until it is durable`, 'the same with --md5, sync', of('durable'), of('sums'), 1.25),
    result('reading it back', 'sha256sum', of('back'), of('sha256sum'), 1.5),
    result('reading it again, with all sums on it', 'sha256sum', of('check'), of('sha256sum')),
  ];
}
