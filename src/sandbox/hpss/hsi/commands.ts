import type { Word } from './command-line.ts';
import { cget, get, mget } from './get-command.ts';
import { du, findObjects, ls, lscos, quota } from './list-commands.ts';
import { lcd, lls, lmkdir, lpwd } from './local-commands.ts';
import { cd, chgrp, chmod, chown, cp, ln, mkdir, mv, pwd, rm, rmdir, touch } from './name-commands.ts';
import { cput, mput, put } from './put-command.ts';
import { type Session, say } from './session.ts';
import { chcos, hashcreate, hashdelete, hashlist, hashverify, migrate, purge, stage } from './tape-commands.ts';

/** One command of hsi. */
export interface HsiCommand {
  run(session: Session, words: readonly Word[]): Promise<void>;
  /** Faults in the middle fall into its bytes, not into what it prints. */
  readonly transfers?: boolean;
}

/** By name. Those in the second table may be cut short to the letters given there (the checksum commands, as the manual has it). */
const commands: Readonly<Record<string, HsiCommand>> = {
  ls: { run: ls },
  find: { run: findObjects },
  du: { run: du },
  quota: { run: quota },
  lscos: { run: lscos },
  cd: { run: cd },
  pwd: { run: pwd },
  mkdir: { run: mkdir },
  rmdir: { run: rmdir },
  rm: { run: rm },
  mv: { run: mv },
  cp: { run: cp },
  ln: { run: ln },
  chmod: { run: chmod },
  chgrp: { run: chgrp },
  chown: { run: chown },
  chcos: { run: chcos },
  touch: { run: touch },
  put: { run: put, transfers: true },
  mput: { run: mput, transfers: true },
  cput: { run: cput, transfers: true },
  save: { run: cput, transfers: true },
  get: { run: get, transfers: true },
  mget: { run: mget, transfers: true },
  cget: { run: cget, transfers: true },
  stage: { run: stage },
  migrate: { run: migrate },
  purge: { run: purge },
  hashcreate: { run: hashcreate },
  hashlist: { run: hashlist },
  lshash: { run: hashlist },
  hashverify: { run: hashverify },
  hashdelete: { run: hashdelete },
  lcd: { run: lcd },
  lpwd: { run: lpwd },
  lls: { run: lls },
  lmkdir: { run: lmkdir },
  firewall: { run: firewall },
  echo: { run: echo },
  ...Object.fromEntries(['quit', 'exit', 'end', 'bye'].map((name) => [name, { run: leave }])),
};

const shortest: Readonly<Record<string, string>> = {
  hashcreate: 'hashcr',
  hashlist: 'hashli',
  hashverify: 'hashver',
  hashdelete: 'hashdel',
};

/** The command of this name, or undefined. */
export function commandOf(name: string): HsiCommand | undefined {
  if (Object.hasOwn(commands, name)) return commands[name];
  const long = Object.keys(shortest).find((one) => one.startsWith(name) && name.startsWith(shortest[one]!));
  return long === undefined ? undefined : commands[long];
}

async function firewall(session: Session, words: readonly Word[]): Promise<void> {
  session.firewall = /^-?on$/.test(words[0]?.text ?? '');
  const mode = session.firewall ? 'ON' : 'OFF';
  await say(session, `A: firewall mode set ${mode}, I/O mode set to extended (parallel=off)`);
}

async function echo(session: Session, words: readonly Word[]): Promise<void> {
  session.echo = words[0] === undefined ? !session.echo : words[0].text !== 'off';
}

async function leave(session: Session): Promise<void> {
  session.ended = true;
}
