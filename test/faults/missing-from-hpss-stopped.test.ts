import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startMissing } from '../built-cli.ts';
import { hpssPlace } from '../hpss-place.ts';
import { plant } from '../stowage.ts';
import { until } from '../waiting.ts';

const rules = { d1: { 'd1/batch/.*$': 'd1/batch.tar' } };

test.each([
  ['while HPSS is listed', [], { words: ['ls', '-DaR'], do: { kind: 'hang' } }, ['SIGINT']],
  [
    'while htar writes, at the second Ctrl-C',
    ['-p'],
    { tool: 'htar', words: ['-cf'], do: { kind: 'hang' } },
    ['SIGINT', 'SIGINT'],
  ],
  ['while htar writes, by SIGTERM', ['-p'], { tool: 'htar', words: ['-cf'], do: { kind: 'hang' } }, ['SIGTERM']],
] as const)(
  'missing_from_hpss that is stopped %s: exit 130, no session is left, no cache is half there',
  async (_, options, fault, signals) => {
    const at = await hpssPlace(rules);
    plant(at.data, { 'd1/batch/one': '1' });
    const cache = join(at.folder, 'cache');
    mkdirSync(cache);
    at.hpss.script(fault);
    const { child, ended } = startMissing([...options, '-c', cache, at.config, 'data']);
    const counts = join(at.hpss.folder, 'faults');
    await until('the fault is met', () => readdirSync(counts).some((name) => !name.endsWith('.new')));
    let said = '';
    child.stderr!.on('data', (text: string) => {
      said += text;
    });
    for (const [index, signal] of signals.entries()) {
      if (index > 0) await until('the first is heard', () => said.includes('interrupt again'));
      child.kill(signal);
    }
    const { status, err } = await ended;
    expect([status, err]).toEqual([130, expect.stringContaining('stowage CRITICAL: interrupted')]);
    expect(err).not.toContain('CRITICAL: stowage:');
    expect(readdirSync(join(at.hpss.folder, 'sessions')).filter((name) => lives(Number.parseInt(name, 10)))).toEqual(
      [],
    );
    expect(readdirSync(join(at.hpss.folder, 'tmp'))).toEqual([]);
    expect(
      readdirSync(cache).filter(
        (name) => !/^(?:hpss|disk|missing)_files_data\.(?:csv|json)(?:\.made\.json)?$/.test(name),
      ),
    ).toEqual([]);
  },
);

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
