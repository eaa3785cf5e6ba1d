import { PassThrough } from 'node:stream';
import { displayName } from '../model/byte-name.ts';
import { isComplaint } from './failure-text.ts';
import { HpssError, HpssOSError, hsiFailure } from './hpss-error.ts';
import type { HpssOptions } from './hpss-options.ts';
import { hsiWord } from './hsi-word.ts';
import { runSession } from './session.ts';

/**
 * The bytes of an HPSS file by `hsi get -`, exactly `bytes` of them: it ends short only by throwing. A reader that stops early stops hsi. Tried
 * again only while nothing has come.
 */
export async function* getStream(path: string, bytes: number, options: HpssOptions): AsyncGenerator<Uint8Array> {
  const { retries = 3, retryWaitSeconds = 2, onWait } = options;
  for (let tries = 0; ; tries += 1) {
    let came = 0;
    try {
      for await (const chunk of once(path, bytes, options)) {
        came += chunk.length;
        yield chunk;
      }
      return;
    } catch (error) {
      if (came > 0 || tries >= retries || !(error instanceof HpssOSError) || error.retry !== 'soon') throw error;
      const seconds = retryWaitSeconds * 4 ** tries;
      onWait?.({ reason: error.message, seconds });
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    }
  }
}

async function* once(path: string, bytes: number, options: HpssOptions): AsyncGenerator<Uint8Array> {
  const what = `cannot get '${displayName(path)}'`;
  const output = new PassThrough();
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const session = runSession([{ text: `get - : ${hsiWord(path)}` }], { ...options, what, output, signal });
  // A program that fails before it writes never ends the stream by itself.
  const ended = session.then(
    async (one) => {
      output.end();
      return one;
    },
    (error) => {
      output.destroy(error);
      throw error;
    },
  );
  ended.catch(() => undefined);
  let count = 0;
  try {
    for await (const chunk of output as AsyncIterable<Buffer>) {
      count += chunk.length;
      if (count > bytes) throw new HpssError('unavailable', `${what}: more than its ${bytes} bytes came`);
      yield chunk;
    }
    const one = await ended;
    const answer: string[] = [];
    for await (const { line } of one.lines()) if (line !== undefined) answer.push(line);
    if (answer.some(isComplaint)) throw hsiFailure(what, answer.map((line) => `${line}\n`).join(''));
    if (count !== bytes) throw new HpssError('unavailable', `${what}: ${count} of its ${bytes} bytes came`);
  } finally {
    stop.abort();
    output.destroy();
    await ended.then((one) => one.close()).catch(() => undefined);
  }
}
