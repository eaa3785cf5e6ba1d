import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tellCommands } from '../../src/dropins/hpsspy/tell-commands.ts';
import { agreesUnlessListed, requireListedAmong } from './agreement.ts';
import { caseNames, readyCase } from './recorded-case.ts';

const names = caseNames('process');

interface Expected {
  readonly raises?: object;
  readonly logs: readonly unknown[];
}

interface Arguments {
  readonly missing: string;
  readonly disk_root: string;
  readonly hpss_root: string;
  readonly dirmode?: string;
}

test('there are cases, and every listed one is among them', () => {
  expect(names.length).toBe(45);
  requireListedAmong(names, 'process');
});

test.each(names.filter((name) => name.endsWith('-test')))('%s', async (name) => {
  const { work, recorded, expected, log, logs } = await readyCase<Expected>(name);
  const { missing, disk_root: root, hpss_root: hpss, dirmode } = recorded.args as unknown as Arguments;
  const tmpdir = join(work, 'tmpdir');
  const sound = tellCommands(missing, [root], hpss, { log, tmpdir, ...(dirmode === undefined ? {} : { dirmode }) });
  const failed = { failed: true };
  agreesUnlessListed(name, sound ? { logs: logs() } : failed, 'raises' in expected ? failed : { logs: expected.logs });
});
