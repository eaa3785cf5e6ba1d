import { hostname, release, userInfo } from 'node:os';
import { type Environment, variable } from '../environment.ts';

/** How we present ourselves to a server: in the form of alien.py, with our own name. */
export function userAgent(env: Environment, version: string): string {
  const jobs = [
    ['jobid', variable(env, 'ALIEN_PROC_ID')],
    ['masterjobid', variable(env, 'ALIEN_MASTERJOB_ID')],
  ].flatMap(([name, value]) => (value === undefined ? [] : [`${name}/${value}`]));
  const parts = [
    `stowage/${version}`,
    `Node/${process.versions.node}`,
    `platform/${process.platform}-${process.arch}/${release()}`,
    `id/${userName()}@${hostname()}`,
    ...jobs,
  ];
  return parts.map((part) => part.replace(/[^\x21-\x7e]/g, '_')).join(' ');
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
