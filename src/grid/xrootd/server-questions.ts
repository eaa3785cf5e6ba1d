import { answerBytes } from './limits.ts';
import { asking, type CallOptions } from './name-space.ts';
import { text } from './reply.ts';
import { pingRequest, queryRequest } from './request.ts';
import type { Session } from './session.ts';

/** The way to a server and back, in milliseconds (kXR_ping). The first one of a session has the connecting in it. */
export async function pingServer(session: Session, url: string, options: CallOptions = {}): Promise<number> {
  const started = performance.now();
  await asking(session, url, 'ping', true, options)(() => pingRequest());
  return performance.now() - started;
}

/** Most bytes of statistics: a busy server has some thousand. */
const statisticsBytes = 4 * answerBytes;

/** What a server counts, as the XML that it sends (kXR_query with kXR_QStats; `a` asks for all there is). */
export async function statisticsOf(session: Session, url: string, options: CallOptions = {}): Promise<string> {
  const ask = asking(session, url, 'get the statistics of', true, options, { mostBytes: statisticsBytes });
  return text((await ask(() => queryRequest('statistics', 'a'))).body);
}
