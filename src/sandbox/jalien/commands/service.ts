import { type ServerCommand, usage } from '../command.ts';
import { guidMac, guidTime } from '../guid.ts';
import { longTime } from '../texts.ts';

const commandlist: ServerCommand = {
  shape: { flags: ['i'] },
  usage: usage('commandlist'),
  run({ world, reply }) {
    reply.print(world.commandNames.join('\n'));
    for (const name of world.commandNames) {
      reply.set('commandlist', name);
      reply.next();
    }
  },
};

const timing: ServerCommand = {
  usage: usage('timing [on|off]'),
  run({ args, session, reply }) {
    if (args[0] !== undefined) session.timing = args[0] === 'on';
    reply.print(`Command timing is ${session.timing ? 'enabled' : 'disabled'}`);
    reply.set('timing', String(session.timing));
  },
};

const ping: ServerCommand = {
  shape: { values: ['c', 's'], flags: ['n'] },
  usage: usage(
    'ping',
    ['-c <count>', 'how many times to ping'],
    ['-s <sleep>', 'milliseconds to sleep between the pings'],
    ['-n', 'numeric IP addresses'],
  ),
  async run({ options, world, reply }) {
    const count = Math.max(1, Number(options.value('c') ?? 3));
    const pause = Number(options.value('s') ?? 1000);
    reply.print(`Sending ${count} messages with a pause of ${pause} ms between them`);
    for (let sent = 0; sent < count; sent += 1) {
      if (sent > 0) await world.sleep(pause);
      reply.print('reply from localhost: time=0.091 ms');
    }
    reply.print(`${count} packets transmitted, time ${(count - 1) * pause}.248 ms`);
    reply.print('rtt min/avg/max/mdev = 0.091/0.091/0.091/0 ms\n');
    reply.print('Central service endpoint information:\n  hostname : localhost');
  },
};

const version: ServerCommand = {
  usage: usage('version'),
  run({ reply }) {
    const build = { tag: '', git_hash: 'sandbox', compiled_at: '1647519684000', compiled_by: 'stowage' };
    reply.print('JAliEn tag: \nGit hash: sandbox\nCompiled at: 17 Mar 2022 12:21 @ stowage');
    for (const [key, value] of Object.entries(build)) reply.set(key, value);
  },
};

const motd: ServerCommand = {
  usage: usage('motd'),
  run({ reply }) {
    reply.print('\nAliEn Service Message: this is a sandbox. Enjoy!\n\nNothing that lies here is kept safe.');
  },
};

const uuid: ServerCommand = {
  least: 1,
  usage: usage('uuid   <uuid> [<uuid> ...]'),
  run({ args, reply }) {
    for (const guid of args) {
      const made = guidTime(guid);
      if (made === undefined) {
        reply.fail(22, `Not a GUID of version 1: ${guid}`);
        continue;
      }
      reply.print(`${guid} : created on ${longTime(made)} (${made}) by ${guidMac(guid)}`);
      reply.set('mtime', made);
      reply.set('mac', guidMac(guid));
      reply.next();
    }
  },
};

const time: ServerCommand = {
  least: 2,
  usage: usage('time <times>  <command> [command_arguments] '),
  async run({ args, reply, other }) {
    const [times, command, ...rest] = args;
    const count = Math.max(1, Number(times));
    const begin = performance.now();
    for (let done = 0; done < count; done += 1) await other(command!, rest);
    const total = Math.round(performance.now() - begin);
    reply.print(`"${command}" with #${count} tries,\tavr/total msec:\t\t${Math.round(total / count)}/${total}`);
  },
};

/** About the server itself. */
export const serviceCommands = { timing, commandlist, motd, ping, version, uuid, time };
