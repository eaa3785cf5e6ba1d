import { start } from 'node:repl';
import type { InterpreterOptions } from './interpreter.ts';

/** A REPL of Node with a connected session in it: `jalien`, with what a program has of `stowage/grid`. Gives the exit status. */
export async function replOfSession(options: InterpreterOptions): Promise<number> {
  const jalien = await options.connect();
  const { directory, user } = await jalien.where();
  options.output.out(
    `jalien is a session of ${user} in ${directory}: await jalien.ls(), await jalien.send('ps', ['-a']), .exit ends\n`,
  );
  const repl = start({ prompt: 'jalien > ', useGlobal: true });
  Object.assign(repl.context, { jalien });
  await new Promise<void>((resolve) => repl.once('exit', resolve));
  await jalien.close();
  return 0;
}
