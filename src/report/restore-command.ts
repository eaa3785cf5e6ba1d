import { displayName } from '../model/byte-name.ts';
import { printableWord } from '../model/printable-word.ts';
import type { Found } from '../verbs/search/search-event.ts';

/** The command line that brings back what was found: from the archive in which it was found, or, of a pool, from that day. */
export function restoreCommand(found: Found): string {
  const { configuration, state, section, archive, member, unconfigured, pool } = found;
  if (unconfigured)
    return `# section '${displayName(section)}' is not in ${displayName(configuration)}: restore needs one that has it`;
  const elsewhere = state === undefined ? [] : ['--state', state];
  if (pool) {
    // In a day each peer is a directory; what lies beside them is of no peer.
    const [peer, ...below] = member.path.split('/');
    const whose = below.length === 0 ? [] : ['--peer', peer!];
    const options = ['--day', section, ...whose, ...elsewhere];
    return line(['pool', 'restore', ...options], [configuration, below.length === 0 ? member.path : below.join('/')]);
  }
  return line(['restore', '--archive', archive, ...elsewhere], [configuration, section, member.path]);
}

function line(options: readonly string[], words: readonly string[]): string {
  // No name is an option.
  const end = words.some((word) => word.startsWith('-')) ? ['--'] : [];
  return ['stowage', ...options, ...end, ...words].map(printableWord).join(' ');
}
