import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { temporaryFolder } from '../durable/temporary-folder.ts';
import { fileError, isStowageError, systemCode } from '../errors.ts';
import { fsPath, nameFromBytes, nameToBytes } from '../model/byte-name.ts';
import { runProgram } from '../programs/run-program.ts';
import { getHpssDir, getTmpdir } from './hpss-dir.ts';
import { hsiFailure } from './hpss-error.ts';
import { type HpssOptions, siteArguments } from './hpss-options.ts';
import { hsiWord } from './hsi-word.ts';
import { inSession } from './sessions.ts';

/** One command of a session. */
export interface HsiCommand {
  /** With its names quoted. */
  readonly text: string;
  /** A listing ends with a name that is not there: where hsi does not complain of that name, the listing was cut. */
  readonly isListing?: boolean;
}

/** A session that has ended. Its answers lie in a file until it is closed, however large they are. */
export interface EndedSession {
  /** The lines of each command's answer, in order. Can be read more than once. Throws where the session ended before the command was answered. */
  lines(): AsyncGenerator<AnswerLine>;
  close(): Promise<void>;
}

export interface AnswerLine {
  /** Which command. */
  readonly command: number;
  /** Without its end; undefined at the end of the answer. */
  readonly line: string | undefined;
}

export interface SessionOptions extends HpssOptions {
  /** What the session is for, as `cannot list '/home/x'`. */
  readonly what: string;
  /** For `put -`. */
  readonly input?: AsyncIterable<Uint8Array>;
  /** For `get -`. */
  readonly output?: Writable;
  /** HPSS itself reads files: as patient as with a transfer. */
  readonly readsTape?: boolean;
}

/**
 * Runs many hsi commands in one session, and tells their answers apart: between two of them a name is asked for that cannot be there, and the complaint
 * about it is the mark. The commands lie in a file (`hsi "in FILE"`), so that names are bytes, and the answers go to one (`-O`), where listings and errors stay in order.
 * Resolves when hsi has ended, whatever its status: that is of the session, and the marks alone make it 64.
 */
export async function runSession(commands: readonly HsiCommand[], options: SessionOptions): Promise<EndedSession> {
  const program = `${getHpssDir(options)}/hsi`;
  const folder = await temporaryFolder(getTmpdir(options));
  const mark = `/stowage-mark-${randomBytes(8).toString('hex')}-`;
  const close = folder.remove;
  try {
    const output = `${folder.path}/output`;
    const list = await folder.write('commands', nameToBytes(script(commands, mark, options)));
    const argv = ['-q', '-O', output, ...siteArguments(options), `in ${hsiWord(list)}`];
    const seconds =
      options.input === undefined && options.output === undefined && options.readsTape !== true
        ? (options.timeoutSeconds ?? 3600)
        : (options.transferTimeoutSeconds ?? 172_800);
    const ended = await inSession(options, options.input === undefined ? 'other' : 'write', () =>
      runProgram(program, argv, {
        timeoutMs: seconds * 1000,
        successStatuses: everyStatus,
        ...(options.input === undefined ? {} : { input: options.input }),
        ...(options.output === undefined ? {} : { output: options.output }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      }),
    );
    const said = `${ended.stdout.toString('utf8')}${ended.stderr.toString('utf8')}`;
    return { lines: () => answers(output, commands, mark, { ...options, said, status: ended.status }), close };
  } catch (error) {
    await close();
    throw error;
  }
}

const everyStatus = Array.from({ length: 256 }, (_, status) => status);

function script(commands: readonly HsiCommand[], mark: string, { firewall }: HpssOptions): string {
  const lines = [...(firewall === true ? ['firewall -on'] : []), `ls -d ${mark}0`];
  for (const [index, { text, isListing }] of commands.entries()) {
    lines.push(isListing === true ? `${text} ${mark}s` : text, `ls -d ${mark}${index + 1}`);
  }
  return `${lines.join('\n')}\nquit\n`;
}

async function* answers(
  output: string,
  commands: readonly HsiCommand[],
  mark: string,
  { what, said, status }: SessionOptions & { readonly said: string; readonly status: number | null },
): AsyncGenerator<AnswerLine> {
  // What stands before the name in a complaint about a mark, as the first one shows it: so that a line that was cut before it is seen as such.
  let before = '';
  let next = 0;
  let isWhole = false;
  let rest = '';
  for await (const line of linesOf(output)) {
    const at = line.indexOf(mark);
    if (at < 0) {
      if (next > 0) yield { command: next - 1, line };
      rest = `${rest}${line}\n`.slice(-10_000);
      continue;
    }
    const which = line.slice(at + mark.length).match(/^(?:s|\d+)/)?.[0];
    if (next === 0) before = line.slice(0, at);
    else if (line.slice(0, at) !== before && next > 0) {
      // Half a line stands before the mark.
      yield { command: next - 1, line: line.slice(0, at).replace(before, '') };
    }
    if (which === 's') {
      isWhole = true;
      continue;
    }
    if (Number(which) !== next) break;
    if (next > 0) {
      if (commands[next - 1]!.isListing === true && !isWhole)
        throw hsiFailure(`${what}: the listing is not whole`, rest, { status });
      yield { command: next - 1, line: undefined };
    }
    next += 1;
    isWhole = false;
    rest = '';
    if (next > commands.length) return;
  }
  throw hsiFailure(next === 0 ? what : `${what}: the session ended too soon`, rest === '' ? said : rest, { status });
}

async function* linesOf(path: string): AsyncGenerator<string> {
  let waiting: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(fsPath(path)) as AsyncIterable<Buffer>) {
      let from = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
        const line =
          waiting.length === 0 ? chunk.subarray(from, end) : Buffer.concat([waiting, chunk.subarray(0, end)]);
        waiting = Buffer.alloc(0);
        yield nameFromBytes(line);
        from = end + 1;
      }
      waiting = Buffer.concat([waiting, chunk.subarray(from)]);
    }
  } catch (error) {
    // A login that fails need not make the file.
    if (systemCode(error) !== 'ENOENT' || isStowageError(error)) throw fileError('cannot read what hsi wrote', error);
  }
  if (waiting.length > 0) yield nameFromBytes(waiting);
}
