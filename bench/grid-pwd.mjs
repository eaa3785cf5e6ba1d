/** The shortest command of the Grid in one shot, with as many certificates of authorities as a real Grid has, against the start of Node alone. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { scratchGrid } from './grid.mjs';

const authorities = 150;

export async function gridPwd(rounds, tools) {
  const { work, root, timed, median, SetupError } = tools;
  const grid = await scratchGrid('near', [], tools);
  try {
    const folder = join(work, 'authorities');
    mkdirSync(folder);
    copyFileSync(join(process.env.X509_CERT_DIR, 'sandbox-ca.pem'), join(folder, 'sandbox-ca.pem'));
    const others = rootCertificates.slice(0, authorities - 1);
    // Where this Node has fewer, some are there twice: it is their number that costs.
    for (let at = 0; at < authorities - 1; at += 1) {
      writeFileSync(join(folder, `authority-${at}.pem`), `${others[at % others.length]}\n`);
    }
    process.env.X509_CERT_DIR = folder;
    if (!grid.run('pwd').startsWith('/')) throw new SetupError('pwd told no directory');
    const times = { ours: [], theirs: [] };
    for (let round = 0; round <= rounds; round += 1) {
      for (const side of round % 2 === 0 ? ['theirs', 'ours'] : ['ours', 'theirs']) {
        const args = side === 'ours' ? [join(root, 'dist/alien.mjs'), 'pwd'] : ['-e', '0'];
        const seconds = await timed(process.execPath, args);
        if (round > 0) times[side].push(seconds);
      }
    }
    const [ours, theirs] = [median(times.ours), median(times.theirs)];
    return {
      ...{ name: `alien.py pwd, ${authorities} authorities`, baseline: 'node -e 0', ours, theirs, rounds },
      ...{ ratio: theirs / ours, good: ours <= 0.15, wanted: 'at most 0.15 s' },
    };
  } finally {
    await grid.stop();
  }
}
