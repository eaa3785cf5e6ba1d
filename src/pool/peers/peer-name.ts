import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';

/** A plain name of a host, and of a directory. */
export const plainPeerName = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/** A user on a peer, as ssh may be given one. */
export const plainRemoteUser = /^[A-Za-z0-9_.][A-Za-z0-9._@$-]*$/;

/** Throws `configuration` unless it is the plain name of a host: nothing that ssh, a shell or a path could take for something else. */
export function requirePeerName(name: string): void {
  if (plainPeerName.test(name)) return;
  throw new StowageError('configuration', `'${displayName(name)}' is not the plain name of a peer`, {
    hint: 'letters, digits, dots, hyphens and underscores, as in a host name',
  });
}

/** The same for a user on a peer. */
export function requireRemoteUser(name: string): void {
  if (plainRemoteUser.test(name)) return;
  throw new StowageError('configuration', `'${displayName(name)}' is not the name of a user`);
}

/** Throws `configuration` unless a path is absolute and can be one. */
export function requireAbsolute(path: string): void {
  if (path.startsWith('/') && !path.includes('\0')) return;
  throw new StowageError('configuration', `'${displayName(path)}' is not an absolute path`);
}
