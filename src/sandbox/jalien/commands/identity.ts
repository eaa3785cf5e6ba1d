import { type ServerCommand, usage } from '../command.ts';
import { withSlash } from '../lfn.ts';
import { issueToken } from '../trust/authority.ts';
import { homeOf } from '../world.ts';

const whoami: ServerCommand = {
  shape: { flags: ['v'] },
  usage: usage('whoami [-v]', ['-v', 'verbose details of the current identity']),
  run({ session, options, reply, world }) {
    const { user, role, certificate } = session;
    const home = withSlash(session.home);
    const expires = new Date(certificate.expiresMs).toISOString().replace(/\.\d+Z$/, 'Z[Etc/UTC]');
    const minutes = Math.max(0, Math.floor((certificate.expiresMs - world.now()) / 60_000));
    const clock = `${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
    const left = `${Math.floor(minutes / 1440)}d ${clock}`;
    reply.set('username', user);
    reply.set('role', role);
    reply.set('roles', [...new Set([user, ...(world.users.get(user) ?? [])])].join(','));
    if (options.has('v')) {
      reply.print(`Username: ${user}\nRole: ${role}`);
      reply.print(`Certificate DN: ${certificate.subject} (expiring on ${expires}, which is in ${left})`);
      reply.print(`Home directory: ${home}`);
    } else reply.print(role);
    reply.set('certificate_expires', Math.floor(certificate.expiresMs / 1000));
    reply.set('certificate_dn', certificate.subject);
    reply.set('homedir', home);
  },
};

const user: ServerCommand = {
  least: 1,
  usage: usage('user <user name>'),
  run({ args, session, reply, world }) {
    const [name] = args;
    if (!world.users.get(session.user)?.includes(name!)) {
      return reply.fail(1, `Switching user ${session.user} to [${name}] failed`);
    }
    session.role = name!;
    session.home = homeOf(world.organisation, name!);
    reply.set('homedir', withSlash(session.home));
  },
};

const whois: ServerCommand = {
  shape: { flags: ['s', 'f', 'a'] },
  least: 1,
  usage: usage('whois [account name]', ['-s', 'search for the given string(s) in usernames']),
  run({ args, reply, world }) {
    for (const name of args) {
      if (!world.users.has(name)) {
        reply.fail(2, name);
        continue;
      }
      reply.set('username', name);
      reply.print(`Username: ${name}`);
      reply.next();
    }
  },
};

const groups: ServerCommand = {
  usage: usage('groups   [<username>]'),
  run({ args, session, reply }) {
    const name = args[0] ?? session.role;
    reply.print(`User: ${name}, main group: ${name}\nMember of groups: ${name} `);
  },
};

const roleami: ServerCommand = {
  hidden: true,
  usage: usage('roleami'),
  run: ({ session, reply }) => reply.print(session.role),
};

const tokenTypes = ['user', 'job', 'jobagent', 'host'];

const token: ServerCommand = {
  shape: { values: ['u', 'v', 't', 'jobid', 'hostname'] },
  usage: usage(
    'token [-options]',
    ['-u <username>', 'switch to another role of yours'],
    ['-v <validity (days)>', 'default depends on token type'],
    ['-t <tokentype>', 'can be one of: job, jobagent, host, user (default)'],
    ['-jobid <job DN extension>', 'expected to be present in a job token'],
    ['-hostname <FQDN>', 'required for a host certificate'],
  ),
  run({ options, session, reply, world }) {
    const type = options.value('t') ?? 'user';
    // The type that is told is not the one that was asked for: so the server does it.
    if (!tokenTypes.includes(type)) return reply.fail(22, 'Unknown token type USER_CERTIFICATE');
    const name = options.value('u') ?? session.role;
    const mayBe = name === session.role || world.users.get(session.user)?.includes(name);
    if (type !== 'user' || !mayBe) return reply.fail(1, `You are not allowed to request this token`);
    const days = Number(options.value('v') ?? 2);
    if (!(days > 0)) return reply.fail(22, `Token validity must be positive: ${options.value('v')}`);
    // No token lives longer than what asks for it.
    const most = (session.certificate.expiresMs - world.now()) / 86_400_000;
    const { cert, key } = issueToken(world.authority, name, Math.min(days, most), world.now());
    reply.set('tokencert', cert);
    reply.set('tokenkey', key);
    reply.print(cert + key);
  },
};

/** Who one is. */
export const identityCommands = { whoami, user, whois, groups, roleami, token };
