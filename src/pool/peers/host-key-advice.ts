import { displayName } from '../../model/byte-name.ts';
import { shellWord } from '../../model/shell-word.ts';

/*
 * What is to be done about a host key, with the words that OpenSSH's client has for it (sshconnect.c). Nothing here takes a key from the network unseen: as ssh-keyscan would, whoever
 * answers there.
 */

/** The host key is not known: who says yes to it, and to which one. */
export function newKeyAdvice(peer: string, said: string): string {
  const [, kind, known] = /^No (\S+) host key is known for (\S+) and/m.exec(said) ?? [];
  return `as the user that the backup runs as, ${connecting(peer, known)} shows a fingerprint: say yes only if it is the one that ${ownFingerprint(kind)}`;
}

/**
 * The host key has changed: that somebody else may answer, what to compare, and the command that takes the old key off. It names the host as ssh knows it, with the port where that is not
 * 22, and the file where ssh says that it stands, if that is not where ssh-keygen looks.
 */
export function changedKeyAdvice(peer: string, said: string): string {
  const known = /^(?:\w+ )?host key for (\S+) has changed/im.exec(said)?.[1];
  const file = /^Offending .*key in (.+):\d+\s*$/m.exec(said)?.[1];
  const [, kind, now] = /fingerprint for the (\S+) key sent by the remote host is\s+(\S+?)\.?$/m.exec(said) ?? [];
  const where = file === undefined || file.endsWith('/.ssh/known_hosts') ? '' : ` -f ${shellWord(displayName(file))}`;
  const forgetting = `ssh-keygen -R ${shellWord(displayName(known ?? peer))}${where}`;
  const shown = now === undefined ? 'the new fingerprint' : `${displayName(now)}, which it has now,`;
  return `another machine may answer in its place; only if ${shown} is the one that ${ownFingerprint(kind)}: ${forgetting}, then ${connecting(peer, known)} as the user that the backup runs as`;
}

/** What to ask the machine itself, not over the network. */
function ownFingerprint(kind: string | undefined): string {
  const file = kind === undefined || !/^[A-Z0-9]+$/.test(kind) ? '*' : kind.toLowerCase();
  return `'ssh-keygen -lf /etc/ssh/ssh_host_${file}_key.pub' prints on that machine itself`;
}

function connecting(peer: string, known: string | undefined): string {
  const port = /^\[.+\]:(\d+)$/.exec(known ?? '')?.[1];
  return `ssh ${port === undefined ? '' : `-p ${port} `}${shellWord(displayName(peer))}`;
}
