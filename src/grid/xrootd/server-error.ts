import { type ErrorCode, StowageError } from '../../errors.ts';
import { displayText } from '../../model/byte-name.ts';

/** What each number of a kXR_error means (2.4.4.1): our code, and the errno that it stands for. */
const meanings: Readonly<Record<number, readonly [code: ErrorCode, errno: string]>> = {
  3000: ['unavailable', 'EINVAL'],
  3001: ['unavailable', 'EINVAL'],
  3002: ['unavailable', 'ENAMETOOLONG'],
  3003: ['locked', 'EDEADLK'],
  3004: ['unavailable', 'EBADF'],
  3005: ['unavailable', 'ENODEV'],
  3006: ['unavailable', 'EBADRQC'],
  3007: ['unavailable', 'EIO'],
  3008: ['unavailable', 'ENOMEM'],
  3009: ['full', 'ENOSPC'],
  3010: ['unavailable', 'EACCES'],
  3011: ['missing', 'ENOENT'],
  3012: ['unavailable', 'EFAULT'],
  3013: ['unavailable', 'ENOTSUP'],
  3014: ['unavailable', 'EHOSTUNREACH'],
  3015: ['unavailable', 'ENOTBLK'],
  3016: ['unavailable', 'EISDIR'],
  3017: ['unavailable', 'ECANCELED'],
  3018: ['exists', 'EEXIST'],
  3019: ['corrupt', 'EDOM'],
  3020: ['unavailable', 'EINPROGRESS'],
  3021: ['full', 'EDQUOT'],
  3022: ['unavailable', 'EILSEQ'],
  3023: ['unavailable', 'ERANGE'],
  3024: ['unavailable', 'EUSERS'],
  3025: ['unavailable', 'EROFS'],
  3026: ['unavailable', 'EINVAL'],
  3027: ['missing', 'ENODATA'],
  3028: ['unavailable', 'EPROTOTYPE'],
  3029: ['unavailable', 'EADDRNOTAVAIL'],
  3030: ['unavailable', 'EBADE'],
  3031: ['unavailable', 'EIDRM'],
  3032: ['unavailable', 'ENOTTY'],
  3033: ['unavailable', 'ETOOMANYREFS'],
  3034: ['unavailable', 'ETIMEDOUT'],
};

/** Longest text of a server that a message repeats. */
const textCharacters = 400;

/** A server's refusal as our error. `what` names the deed and the URL; the facts have the server's number, its errno and its text. */
export function serverError(what: string, server: string, number: number, said: string): StowageError {
  const [code, errno] = meanings[number] ?? ['unavailable', 'ENOMSG'];
  const shown = displayText(withoutSecrets(said)).trim().slice(0, textCharacters);
  return new StowageError(code, `${what}: ${shown === '' ? errno : shown}`, {
    facts: { server, number, errno, text: shown },
  });
}

/** True for a refusal that another server of the same cluster might not make: it may lack the file, or its disk may be broken. */
export function isOfOneServer(error: StowageError): boolean {
  return [3005, 3007, 3008, 3009, 3011, 3012, 3014, 3024, 3034].includes(error.facts.number as number);
}

/** A server may repeat what it was asked; the right to do so is not for logs. */
function withoutSecrets(said: string): string {
  return said.replace(/\b(authz|access_token|token|xrd\.[\w.]*|st)=[^&\s]*/gi, '$1=…');
}
