import type { WebSocket } from 'ws';
import { answer, notJson, type Request, readRequest, withError } from './dispatch.ts';
import { errorText } from './errno.ts';
import type { Faults, Harm } from './faults.ts';
import { replyText } from './reply.ts';
import type { Session, World } from './world.ts';

/** The server reads a message by pieces of so many characters, and takes each for a whole one. */
const pieceCharacters = 8192;

export interface Patience {
  /** A command that takes longer is answered later, and the next one is begun meanwhile. */
  readonly replyMs: number;
  /** Without a command for so long, the session is over. */
  readonly idleMs: number;
  /** However busy, it is over after so long, or when the certificate ends. */
  readonly lifeMs: number;
}

export interface ConnectionPlace {
  readonly world: World;
  readonly session: Session;
  readonly patience: Patience;
  readonly faults: () => Faults;
  /** Is told of each request, before it is run. */
  readonly asked: (request: Request) => void;
  /** Cuts all connections and refuses new ones for so long. */
  readonly restart: (downMs: number) => void;
  /** How a reply is written; the plain endpoint has a form of its own. */
  readonly plain: boolean;
}

/** Serves one connection with the habits of the real server, the bad ones included. */
export function serveConnection(socket: WebSocket, place: ConnectionPlace): void {
  const { world, session, patience } = place;
  let turn: Promise<void> = Promise.resolve();
  let late = 0;
  let frozen = false;
  const send = (text: string): void => {
    if (!frozen && socket.readyState === socket.OPEN) socket.send(text);
  };
  const over = (): void => socket.close(1013, 'The session is over');
  const timer = (ms: number): NodeJS.Timeout => setTimeout(over, Math.min(Math.max(ms, 0), 2 ** 31 - 1)).unref();
  const life = timer(Math.min(patience.lifeMs, session.certificate.expiresMs - world.now()));
  let idle = timer(patience.idleMs);
  socket.on('close', () => {
    clearTimeout(life);
    clearTimeout(idle);
  });
  socket.on('error', () => socket.terminate());
  socket.on('ping', (data) => {
    if (!frozen && socket.readyState === socket.OPEN) socket.pong(data);
  });
  socket.on('stowage-freeze', () => {
    frozen = true;
  });
  socket.on('message', (data) => {
    if (frozen) return;
    for (const piece of piecesOf(data.toString())) turn = turn.then(() => handle(piece));
  });

  async function handle(text: string): Promise<void> {
    clearTimeout(idle);
    idle = timer(patience.idleMs);
    const request = place.plain ? plainRequest(text) : readRequest(text);
    if (request === 'not JSON') return send(replyText(notJson));
    if (request === 'no command') {
      return socket.close(1002, 'An unrecoverable IOException occurred so the connection was closed');
    }
    place.asked(request);
    const work = replyTo(request, place.faults().forRequest(request));
    // Behind a command that is late, a reply gets lost; what it was asked for is done.
    const isLost = late > 0;
    const isInTime = await Promise.race([work.then(() => true), world.sleep(patience.replyMs).then(() => false)]);
    const sent = work.then((reply) => {
      if (reply !== undefined) send(isLost ? '' : reply);
    });
    if (isInTime) return sent;
    late += 1;
    void sent.then(() => {
      late -= 1;
    });
  }

  /** The text of the reply; undefined if none is to come. */
  async function replyTo(request: Request, harm: Harm | undefined): Promise<string | undefined> {
    const form = place.plain ? plainText : replyText;
    if (harm?.kind === 'slow') await world.sleep(harm.ms);
    if (harm?.kind === 'drop' && harm.when !== 'after') return void socket.terminate();
    if (harm?.kind === 'restart' && harm.when !== 'after') return void place.restart(harm.downMs ?? 0);
    const isDone = harm === undefined || !('does' in harm) || harm.does !== false;
    const before = { ...session };
    const reply = await answer(world, session, isDone ? request : { command: 'pwd', options: ['-nomsg'] });
    if (!isDone) Object.assign(session, before);
    switch (harm?.kind) {
      case 'drop':
        return void socket.terminate();
      case 'restart':
        return void place.restart(harm.downMs ?? 0);
      case 'expire':
        return void over();
      case 'stall':
        return undefined;
      case 'lose':
        return '';
      case 'cut':
        return form(reply).slice(0, harm.characters);
      case 'error':
        return form(withError(reply, harm.errno, harm.text ?? errorText(harm.errno)));
      default:
        return form(reply);
    }
  }
}

function piecesOf(text: string): readonly string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length || at === 0; at += pieceCharacters)
    pieces.push(text.slice(at, at + pieceCharacters));
  return pieces;
}

/** Words with blanks between them: nothing is quoted on the plain endpoint. */
function plainRequest(text: string): Request {
  const [command = '', ...options] = text.trim().split(/\s+/);
  return { command, options };
}

/** What is printed, errors behind `\x05`, then the directory and the user. */
function plainText({ metadata, results }: Awaited<ReturnType<typeof answer>>): string {
  const said = results.flatMap(({ message }) => (typeof message === 'string' ? [`${message}\n`] : [])).join('');
  const error = metadata.error === undefined || metadata.error === '' ? '' : `\x05${metadata.error}\n`;
  return `${said}${error}\x07${metadata.currentdir ?? ''}\x01${metadata.user ?? ''}\n\x00\n`;
}
