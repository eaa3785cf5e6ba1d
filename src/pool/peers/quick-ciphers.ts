import { open } from 'node:fs/promises';
import { baseOf } from '../../model/relative-path.ts';
import type { Account } from '../../programs/as-account.ts';
import { findProgram } from '../../programs/find-program.ts';
import { runProgram } from '../../programs/run-program.ts';
import { placeOf, remoteShellCommand, type SshTarget, type Words } from './ssh-command.ts';

/** An answer takes milliseconds; who takes longer is not waited for. */
const longestAnswerMs = 10_000;
/** The first processor stands in the first lines, and each further one costs the kernel time. */
const cpuinfoBytes = 8192;

/**
 * The option by which OpenSSH's ssh tries AES-GCM first, the same ciphers otherwise: less work than the one that it prefers by itself, where the processor has instructions for AES. None where anybody has
 * chosen ciphers (`ssh -G` says otherwise than without configuration and options), where this machine has no such instructions, and where ssh is not OpenSSH's own program or does not answer. Never throws.
 */
export async function quickCiphers(
  target: SshTarget,
  command: string,
  how: { readonly as?: Account; readonly signal?: AbortSignal } = {},
  cpuinfo = '/proc/cpuinfo',
): Promise<Words> {
  const [program, ...rest] = remoteShellCommand(target, command);
  if (baseOf(program!) !== 'ssh') return [];
  const ask = async (words: Words): Promise<string | undefined> => {
    const { stdout } = await runProgram(program!, words, { cwd: '/', timeoutMs: longestAnswerMs, ...how });
    return ciphersOf(stdout.toString('latin1'));
  };
  try {
    if (!(await startsWith(findProgram(program!), '\x7fELF')) || !hasAes(await beginning(cpuinfo))) return [];
    // Of the same place: a `Match` may look at the host, the user and the command.
    const [said, own] = await Promise.all([
      ask(['-G', ...rest]),
      ask(['-G', '-F', 'none', '--', placeOf(target), command]),
    ]);
    const quick = said === own && own !== undefined ? gcmFirst(own) : undefined;
    return quick === undefined ? [] : ['-o', `Ciphers=${quick}`];
  } catch {
    // What is wrong with this ssh, whoever uses it will hear from itself.
    return [];
  }
}

/** The list of ciphers in what `ssh -G` says. */
function ciphersOf(answer: string): string | undefined {
  return /^ciphers (\S+)$/m.exec(answer)?.[1];
}

/** The same ciphers with those of AES-GCM in front; undefined if they are there already, or there are none. */
export function gcmFirst(list: string): string | undefined {
  const all = list.split(',');
  const isGcm = (cipher: string) => /^aes\d+-gcm@openssh\.com$/.test(cipher);
  const sorted = [...all.filter(isGcm), ...all.filter((cipher) => !isGcm(cipher))].join(',');
  return sorted === list ? undefined : sorted;
}

/** True if /proc/cpuinfo says that a processor has instructions for AES: `flags` on x86, `Features` on ARM. */
export function hasAes(cpuinfo: string): boolean {
  const [, features = ''] = /^(?:flags|Features)\s*:(.*)$/m.exec(cpuinfo) ?? [];
  return features.split(/\s+/).includes('aes');
}

/** A script of this name may do anything else with a question. */
async function startsWith(path: string | undefined, magic: string): Promise<boolean> {
  return path !== undefined && (await beginning(path, magic.length)) === magic;
}

async function beginning(path: string, length = cpuinfoBytes): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}
