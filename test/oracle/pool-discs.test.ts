import { writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { findProgram } from '../../src/programs/find-program.ts';
import { needing } from '../needing.ts';
import { ourEnding, poolCases, recordedEnding } from '../pool-case.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { agreesUnlessListed } from './agreement.ts';
import { listedDifferences } from './differences.ts';

const programs = ['xorriso', 'bsdtar'].every((name) => findProgram(name) !== undefined);
const real = findProgram('xorriso');
const cases = poolCases('d');

needing(process.getuid?.() === 0 && programs).test.each(cases)('%s', async (name) => {
  const root = await scratchFolder();
  await withRecordedFaults(root);
  const ours = await ourEnding(name, root);
  agreesUnlessListed(name, ours, recordedEnding(name, root));
  if (name !== 'd10-check-mismatch') return;
  expect(ours.steps).toEqual([{ exit: 6, said: true, complained: false }]);
  expect(ours.tree.filter((line) => /^disc.iso .* 0 |cback.store/.test(line))).toHaveLength(1);
});

/** Before the real xorriso, one that fails or damages the disc as the writer of the recording did: by the files `growisofs.fail` and `corrupt.sh`. */
async function withRecordedFaults(root: string): Promise<void> {
  const folder = await scratchFolder();
  const script = `#!/bin/sh
if [ ! -e '${root}/growisofs.fail' ] && [ ! -e '${root}/corrupt.sh' ]; then exec '${real}' "$@"; fi
said='${folder}/said'; cat >"$said"
grep -q '^-commit' "$said" || exec '${real}' "$@" <"$said"
if [ -e '${root}/growisofs.fail' ]; then
  echo 'libburn : FAILURE : SCSI error on write' >&2; exit 32
fi
'${real}' "$@" <"$said" || exit
image=$(sed -n 's/^-dev "stdio:\\(.*\\)"$/\\1/p' "$said")
sed -i 's/data18/baddat/' "$image"
`;
  writeFileSync(`${folder}/xorriso`, script, { mode: 0o755 });
  const before = process.env.PATH;
  onTestFinished(() => {
    process.env.PATH = before;
  });
  process.env.PATH = `${folder}:${before}`;
}

test('all that is listed was recorded', () => {
  const listed = [...listedDifferences().keys()].filter((name) => /^d[0-9]{2}-/.test(name));
  for (const name of listed) expect(cases).toContain(name);
});
