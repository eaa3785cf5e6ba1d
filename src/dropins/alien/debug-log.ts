import { logFile } from '../../durable/log-file.ts';
import { plainReason } from '../../errors.ts';

/** Writes requests and replies into a log for its owner, each a line with its time. Keys, envelopes and tokens are left out. */
export function debugLog(path: string, tell: (text: string) => void): (direction: '>' | '<', text: string) => void {
  let complained = false;
  const complain = (error: unknown) => {
    if (!complained) tell(`the log ends here: ${plainReason(error)}`);
    complained = true;
  };
  const log = logFile(path, complain);
  return (direction, text) => {
    try {
      log.append(`${new Date().toISOString()} ${process.pid} ${direction} ${withoutSecrets(text)}\n`);
      log.flush();
    } catch (error) {
      complain(error);
    }
  };
}

/** A request or reply without what would let its reader act for us. */
export function withoutSecrets(text: string): string {
  return text
    .replace(/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----/gs, '<key>')
    .replace(/-----BEGIN SEALED.*?-----END SEALED ENVELOPE-----/gs, '<envelope>')
    .replace(/signature=[A-Za-z0-9+/=\\]+/g, 'signature=<left out>');
}
