import { displayName } from '../model/byte-name.ts';
import type { SandboxFacts } from '../verbs/events.ts';

/** A scratch system as lines that a shell can read: what to export, and the rest as comments. */
export function sandboxText({ system, folder, made, variables, programs, home, use }: SandboxFacts): string {
  const word = made ? 'a new scratch system' : 'the scratch system that was there';
  const used = `${use.sessions} sessions, ${use.mounts} mounts of tapes, ${use.seconds} seconds of their time`;
  return [
    `# ${system}: ${word} in ${displayName(folder)}; home directory ${displayName(home)}`,
    ...(made ? [] : [`# used so far: ${used}`]),
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`),
    `export PATH=${quoted(programs)}:"$PATH"`,
  ].join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
