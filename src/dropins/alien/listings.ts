import type { GridSession } from '../../grid/connect.ts';

/** The names in directories of the catalogue, remembered for a while. */
export interface Listings {
  /** The names in a directory; those of directories end in `/`. Empty where the server does not let us look. */
  entries(directory: string): Promise<readonly string[]>;
  /** Forgets everything, after something was changed. */
  forget(): void;
}

const freshMs = 60_000;
const mostDirectories = 500;

/** Listings over a session; `now` in milliseconds. Two requests for the same directory at a time are one. */
export function listingsOf(session: () => Promise<GridSession>, now: () => number = () => performance.now()): Listings {
  const held = new Map<string, { readonly at: number; readonly names: Promise<readonly string[]> }>();

  async function ask(directory: string): Promise<readonly string[]> {
    const reply = await (await session()).send('ls', ['-nomsg', '-a', '-F', directory]);
    return reply.exitCode === 0
      ? reply.results.map(({ name }) => String(name)).filter((name) => !/^\.\.?\/?$/.test(name))
      : [];
  }

  return {
    entries(directory) {
      const known = held.get(directory);
      if (known !== undefined && now() - known.at < freshMs) return known.names;
      if (held.size >= mostDirectories) held.clear();
      const names = ask(directory);
      held.set(directory, { at: now(), names });
      // What failed is asked again the next time.
      names.catch(() => held.delete(directory));
      return names;
    },
    forget: () => held.clear(),
  };
}

const looking = new Set([
  ...[
    'pwd',
    'cd',
    'ls',
    'll',
    'la',
    'lla',
    'find',
    'find2',
    'stat',
    'whereis',
    'type',
    'pfn',
    'du',
    'ps',
    'help',
    '?',
    'home',
    'dirs',
  ],
  ...[
    'pushd',
    'popd',
    'whoami',
    'ping',
    'version',
    'prompt',
    'quota',
    'listSEs',
    'token-info',
    'cert-info',
    'exitcode',
    '$?',
  ],
]);

/** True for a command after which directories may hold other names than before. */
export function mayChangeNames(command: string): boolean {
  return !looking.has(command);
}
