import { expect, test } from 'vitest';
import { gridUser } from '../alien.ts';
import { builtCli, runProgram } from '../built-cli.ts';

test('stowage grid is alien.py, wherever -json stands', async () => {
  const { env, alien } = await gridUser();
  const { out } = await alien('-json', 'pwd');
  const cli = builtCli();
  const stowage = (...argv: readonly string[]) => runProgram(process.execPath, [cli, ...argv], env);
  for (const argv of [
    ['--json', 'grid', 'pwd'],
    ['grid', '-json', 'pwd'],
    ['grid', '--json', 'pwd'],
    ['grid', 'pwd', '-json'],
  ]) {
    expect(await stowage(...argv), argv.join(' ')).toMatchObject({ status: 0, out });
  }
  // Behind the command it is that of the command.
  expect(await stowage('grid', '!echo --json')).toMatchObject({ status: 0, out: '--json\n' });
  expect(await stowage('--json', 'grid', 'ls', 'nothere')).toMatchObject({
    status: 2,
    out: expect.stringContaining('"exitcode": "2"'),
  });
});
