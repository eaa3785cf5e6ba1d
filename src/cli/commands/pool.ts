import { resolve } from 'node:path';
import { type EvidenceLevel, evidenceLevels } from '../../model/evidence.ts';
import { type Command, optionalText, text, texts } from '../command.ts';
import { stageOptions, stageOptionsOf } from '../pool-stage-options.ts';
import { storeOptions, storeOptionsOf } from '../pool-store-options.ts';

export const poolCommand: Command = {
  name: 'pool',
  summary: "Back up the machines of a pool, by Cedar Backup's configuration",
  description:
    'Does one action of a pool, as cback3 does. collect packs what this machine has into archives; stage brings those of all peers here; store puts the day on a disc or image, or into a store, and checks that it is there; purge removes what is old and has a copy; all does these four; rebuild writes the whole week to a disc that is begun anew; initialize begins an empty one; verify compares what was stored with the record; validate looks whether this machine is as the configuration needs it; list says which day and peer hold a file, restore brings it back; check tells everything that is wrong with the configuration; import prints it as JSON; relearn learns from a store what was stored, if that was lost here; receipt tells the peers that want to know that what they gave is stored. The configuration is a cback3.conf, or the same structure as JSON (schema/pool.schema.json). docs/pool.md and docs/discs.md tell more.',
  arguments: [
    {
      name: 'action',
      description: 'what to do',
      choices: [
        ...['check', 'import', 'collect', 'stage', 'store', 'purge', 'all', 'rebuild', 'initialize', 'validate'],
        ...['receipt', 'verify', 'list', 'restore', 'relearn'],
      ],
    },
    { name: 'conf', description: 'the configuration: a cback3.conf, or the same as JSON' },
    {
      name: 'names',
      description:
        'list, restore: staged files by name or path, or those inside of archives by the path that they had on their machine (/etc/passwd)',
      optional: true,
      many: true,
    },
  ],
  options: [
    { flags: '--full', description: 'as on the first day of the week: everything, and anew' },
    { flags: '--managed', description: 'do the action here and on the managed peers' },
    { flags: '--managed-only', description: 'do the action on the managed peers only' },
    { flags: '--contact', description: 'check: also try whether each peer can be reached' },
    ...stageOptions,
    ...storeOptions,
    {
      flags: '--all-sessions',
      description: 'verify: read every byte of every session, and compare it with the checksums on the disc too',
    },
    {
      flags: '--level <level>',
      description:
        'verify: how closely archives in a store are looked at (default: read every byte; where they may sleep on tape: their size)',
      choices: evidenceLevels,
    },
    {
      flags: '--medium <path>',
      description: 'list, restore, verify: where a disc is, if not where it was written: a drive, or an image',
    },
    { flags: '--day <day>', description: 'list, restore, verify: that day alone, as 2026/11/18' },
    { flags: '--peer <name>', description: 'list, restore: that peer alone' },
    {
      flags: '--to <dir>',
      description: 'restore: below this directory (default: the current one); nothing there is overwritten',
    },
  ],
  examples: [
    'stowage pool check /etc/cback3.conf --contact',
    'stowage pool collect /etc/cback3.conf',
    'stowage pool stage /etc/cback3.conf --wait 2h',
    'stowage pool store /etc/cback3.conf --catch-up',
    'stowage pool verify /etc/cback3.conf',
    'stowage pool list /etc/cback3.conf /etc/passwd',
    'stowage pool restore /etc/cback3.conf /etc/passwd --peer alpha --to /tmp/back',
    'stowage pool import /etc/cback3.conf > pool.json',
  ],
  async *run(call) {
    const [day, peer, to, medium, level] = ['day', 'peer', 'to', 'medium', 'level'].map((name) =>
      optionalText(call, name),
    );
    const { poolAction } = await import('../../pool/pool-command.ts');
    const { openDayArchives } = await import('../../days/open-day-archives.ts');
    yield* poolAction(text(call, 'action'), text(call, 'conf'), {
      full: call.flags.full === true,
      managed: call.flags.managed === true,
      managedOnly: call.flags.managedOnly === true,
      contact: call.flags.contact === true,
      state: optionalText(call, 'state'),
      openArchives: openDayArchives,
      tell: call.tell,
      stage: stageOptionsOf(call),
      store: storeOptionsOf(call),
      allSessions: call.flags.allSessions === true,
      ...(level === undefined ? {} : { level: level as EvidenceLevel }),
      names: texts(call, 'names'),
      where: {
        ...(day === undefined ? {} : { day }),
        ...(peer === undefined ? {} : { peer }),
        ...(medium === undefined ? {} : { medium: resolve(medium) }),
      },
      ...(to === undefined ? {} : { to: resolve(to) }),
      ...(call.verb.signal && { signal: call.verb.signal }),
    });
  },
};
