import { displayName } from '../model/byte-name.ts';
import type { SandboxFacts, SandboxGridFacts } from '../verbs/sandbox-facts.ts';

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

/** A scratch Grid as lines that a shell can read. */
export function sandboxGridText(grid: SandboxGridFacts): string {
  const word = grid.made ? 'a new scratch Grid' : 'the scratch Grid that was there';
  const elements = grid.elements.map(({ name, url, qos }) => `#   ${name} ${url} (${qos.join(', ')})`);
  return [
    `# grid: ${word} in ${displayName(grid.folder)}; home directory ${grid.home}`,
    `# central server: ${grid.central}`,
    ...(grid.hasStorage
      ? ['# storage elements:', ...elements]
      : [
          '# storage elements: none, as there is no xrootd here: files have names and cannot be copied (apt install xrootd-server)',
        ]),
    ...Object.entries(grid.variables).map(([name, value]) => `export ${name}=${quoted(value)}`),
    `# It runs until it is interrupted. In another shell: . ${quoted(grid.environment)}`,
  ].join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
