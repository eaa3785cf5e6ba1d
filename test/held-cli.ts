import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startCli } from './built-cli.ts';
import { until } from './waiting.ts';

/** A run of the built command that stands still in the middle of its work. */
export interface HeldRun extends ReturnType<typeof startCli> {
  /** Lets it go on. */
  goOn(): void;
}

/** Loaded into the process before the command: after it has opened the first file that it creates under such a name, it says so, and waits. */
const holding = `
import { existsSync, writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout } from 'node:timers/promises';
const { words, held, go } = JSON.parse(process.env.STOWAGE_TEST_HOLD);
const { open } = promises;
let isHeld = false;
promises.open = async (path, flags, ...rest) => {
  const handle = await open(path, flags, ...rest);
  if (!isHeld && (flags === 'wx' || flags === 'w') && words.every((word) => String(path).includes(word))) {
    isHeld = true;
    writeFileSync(held, '');
    while (!existsSync(go)) await setTimeout(5);
  }
  return handle;
};
syncBuiltinESMExports();
`;

let runs = 0;

/**
 * Starts the built command, and resolves when it has begun a file whose path has all of these words in it: there it stays, however fast it is,
 * until it is told to go on; it hears signals meanwhile. `folder` takes what this needs.
 */
export async function heldCli(folder: string, words: readonly string[], args: readonly string[]): Promise<HeldRun> {
  runs += 1;
  const [script, held, go] = ['mjs', 'held', 'go'].map((kind) => join(folder, `hold-${runs}.${kind}`)) as [
    string,
    string,
    string,
  ];
  writeFileSync(script, holding);
  const run = startCli(args, {
    NODE_OPTIONS: `--import ${pathToFileURL(script).href}`,
    STOWAGE_TEST_HOLD: JSON.stringify({ words, held, go }),
  });
  let isOver = false;
  void run.ended.then(() => {
    isOver = true;
  });
  await until('the run is held', () => existsSync(held) || isOver);
  if (!existsSync(held)) throw new Error(`the run ended before it came there: ${JSON.stringify(await run.ended)}`);
  return { ...run, goOn: () => writeFileSync(go, '') };
}
