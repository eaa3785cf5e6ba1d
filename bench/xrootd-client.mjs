/** `node bench/xrootd-client.mjs up FILE URL | down URL FILE | small URL COUNT`: what bench/xrootd.mjs times, by the built library. */
import { open } from 'node:fs/promises';
import { openToWrite, readUrl, writeAll, xrootdSession } from '../dist/grid.mjs';

const [deed, first, second] = process.argv.slice(2);
const session = xrootdSession();
if (deed === 'up') {
  const source = await open(first, 'r');
  const file = await openToWrite(session, second, { existing: 'replace' });
  await writeAll(file, source.createReadStream({ highWaterMark: 1 << 20 }));
  await file.close();
} else if (deed === 'down') {
  const target = await open(second, 'wx');
  let at = 0;
  const writes = [];
  for await (const chunk of readUrl(session, first)) {
    writes.push(target.write(chunk, 0, chunk.length, at));
    at += chunk.length;
    if (writes.length >= 4) await writes.shift();
  }
  await Promise.all(writes);
  await target.close();
} else {
  const bytes = Buffer.alloc(10 * 1024, 'small ');
  const names = Array.from({ length: Number(second) }, (_, index) => `${first}${index}`);
  await each(names, async (url) => {
    const file = await openToWrite(session, url, { existing: 'replace' });
    await file.write(0, bytes);
    await file.close();
  });
  await each(names, async (url) => {
    const got = [];
    for await (const chunk of readUrl(session, url)) got.push(chunk);
    if (!Buffer.concat(got).equals(bytes)) throw new Error(`${url} is not what was written`);
  });
}
session.close();

/** Sixteen at a time. */
async function each(all, deedOfOne) {
  const rest = all.values();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (const one of rest) await deedOfOne(one);
    }),
  );
}
