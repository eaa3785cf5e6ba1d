import { StowageError } from '../errors.ts';

/** A command with its arguments, in the server's words. */
export interface Request {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * The most characters that a request may have. A server takes a message of more than 8192 apart and reads each piece alone; 8000 was
 * seen to arrive whole.
 */
export const requestLimit = 8000;

/** Commands that do the same to each of their arguments, with the number of arguments in front that belong to all (`chmod 700 a b`). */
const overLists: Readonly<Record<string, number>> = {
  ls: 0,
  stat: 0,
  type: 0,
  rm: 0,
  rmdir: 0,
  mkdir: 0,
  touch: 0,
  whereis: 0,
  md5sum: 0,
  du: 0,
  lfn2guid: 0,
  guid2lfn: 0,
  kill: 0,
  resubmit: 0,
  chmod: 1,
  chown: 1,
};

/** The text of a request. Throws `usage` where nothing can carry it. */
export function encodeRequest({ command, args }: Request): string {
  if (command === '') throw new StowageError('usage', 'a command without a name', { facts: { errno: 22 } });
  const lone = [command, ...args].find((text) => /\p{Surrogate}/u.test(text));
  if (lone !== undefined) {
    throw new StowageError('usage', `${command}: an argument is not UTF-8, which the Grid cannot take`, {
      facts: { errno: 22, command },
    });
  }
  return JSON.stringify({ command, options: args });
}

/**
 * The texts to send for a command, each short enough to arrive whole. A long list of arguments goes in several; the order is kept. Throws
 * `usage` for a request that is too long and cannot be taken apart.
 */
export function requestTexts(request: Request, limit: number = requestLimit): readonly string[] {
  const whole = encodeRequest(request);
  if (whole.length <= limit) return [whole];
  const { command, args } = request;
  const fixed = overLists[command];
  if (fixed === undefined) throw tooLong(command, whole.length, limit);
  const { common, list } = parted(args, fixed);
  const bare = encodeRequest({ command, args: common }).length;
  const texts: string[] = [];
  let piece: string[] = [];
  let length = bare;
  const flush = () => {
    if (piece.length > 0) texts.push(encodeRequest({ command, args: [...common, ...piece] }));
    piece = [];
    length = bare;
  };
  for (const one of list) {
    const more = JSON.stringify(one).length + 1;
    if (bare + more > limit) throw tooLong(command, bare + more, limit);
    if (length + more > limit) flush();
    piece.push(one);
    length += more;
  }
  flush();
  return texts;
}

/** Options, and what stands in front of the list, go with every piece. After `--` all are of the list. */
function parted(args: readonly string[], fixed: number): { common: readonly string[]; list: readonly string[] } {
  const end = args.indexOf('--');
  const before = end < 0 ? args : args.slice(0, end);
  const options = before.filter((arg) => arg.startsWith('-'));
  const others = [...before.filter((arg) => !arg.startsWith('-')), ...(end < 0 ? [] : args.slice(end + 1))];
  const common = [...options, ...(end < 0 ? [] : ['--']), ...others.slice(0, fixed)];
  return { common, list: others.slice(fixed) };
}

function tooLong(command: string, length: number, limit: number): StowageError {
  return new StowageError(
    'usage',
    `${command}: a request of ${length} characters is too long for the server, which reads ${limit}`,
    { hint: 'give fewer or shorter arguments', facts: { errno: 22, command, length } },
  );
}
