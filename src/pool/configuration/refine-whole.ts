import type { z } from 'zod';
import { plainRemoteUser } from '../peers/peer-name.ts';
import { type Loose, objectsOf } from './loose.ts';

type Say = (path: readonly (string | number)[], message: string) => void;

/** What the sections must say of each other. */
export function refineWhole(whole: Loose, context: z.RefinementCtx): void {
  const say: Say = (path, message) => context.addIssue({ code: 'custom', path: [...path], message });
  const actions = ['collect', 'stage', 'store', 'purge'];
  if (actions.every((name) => whole[name] === undefined)) {
    say([], 'at least one of the sections collect, stage, store and purge must be there');
  }
  const options = looseOf(whole.options);
  for (const section of ['peers', 'stage']) {
    const peers = objectsOf(looseOf(whole[section]).peer);
    for (const [index, one] of peers.entries()) {
      if (one.managed === true) refineManaged([section, 'peer', index], one, options, say);
      if (one.type === 'remote') refineRemoteUser([section, 'peer', index], one, options, say);
      const first = peers.findIndex((other) => other.name === one.name);
      if (one.name !== undefined && first < index) {
        say([section, 'peer', index, 'name'], `there is another peer '${String(one.name)}': names must be unique`);
      }
    }
  }
  const staged = objectsOf(looseOf(whole.stage).peer).length;
  if (whole.peers !== undefined && objectsOf(looseOf(whole.peers).peer).length === 0) {
    say(['peers', 'peer'], 'is missing: at least one peer must be there');
  } else if (whole.peers === undefined && whole.stage !== undefined && staged === 0) {
    say(['stage', 'peer'], 'is missing: at least one peer must be there, or a section peers');
  }
  refineExtensions(looseOf(whole.extensions), say);
}

/** The master must know what to run there, and how. */
function refineManaged(path: readonly (string | number)[], peer: Loose, options: Loose, say: Say): void {
  if (peer.type !== 'remote') return;
  for (const word of ['rsh_command', 'cback_command', 'managed_actions']) {
    const value = peer[word] ?? options[word];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) {
      say([...path, word], 'is missing, and the options have none for all: a managed peer needs it');
    }
  }
}

/** Whom ssh is to reach there. */
function refineRemoteUser(path: readonly (string | number)[], peer: Loose, options: Loose, say: Say): void {
  const user = peer.backup_user ?? options.backup_user;
  if (typeof user !== 'string' || plainRemoteUser.test(user)) return;
  const at = peer.backup_user === undefined ? ['options', 'backup_user'] : [...path, 'backup_user'];
  say(at, `cannot be passed to ssh as the name of a user: '${user}'`);
}

function refineExtensions(extensions: Loose, say: Say): void {
  const actions = objectsOf(extensions.action);
  const byDependency = extensions.order_mode === 'dependency';
  for (const [index, one] of actions.entries()) {
    const path = ['extensions', 'action', index];
    if (byDependency && one.depends === undefined) say([...path, 'depends'], 'is missing: the order is by dependency');
    if (!byDependency && one.index === undefined) say([...path, 'index'], 'is missing: the order is by index');
    if (one.name !== undefined && actions.findIndex((other) => other.name === one.name) < index) {
      say([...path, 'name'], `there is another action '${String(one.name)}': names must be unique`);
    }
  }
}

function looseOf(value: unknown): Loose {
  return typeof value === 'object' && value !== null ? (value as Loose) : {};
}
