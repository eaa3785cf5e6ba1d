import { X509Certificate } from 'node:crypto';
import { StowageError } from '../../errors.ts';

/** What is told of a certificate. */
export interface CertificateFacts {
  /** The distinguished names with the most significant part first, joined by `/`. */
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A certificate must be valid for so many seconds still, or it is not used: as alien.py has it. */
export const neededSeconds = 600;

/** The first certificate of a PEM text. Throws `configuration` with errno 5 if there is none that can be read. */
export function readCertificate(pem: string, name: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new StowageError('configuration', `${name} holds no certificate that can be read`, {
      facts: { errno: 5 },
      cause: error,
    });
  }
}

/** The names and dates of a certificate. */
export function factsOf(certificate: X509Certificate): CertificateFacts {
  return {
    subject: plainName(certificate.subject),
    issuer: plainName(certificate.issuer),
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
  };
}

/** Why a certificate cannot be used at this time, or undefined if it can. */
export function whyNotNow({ notBefore, notAfter }: CertificateFacts, now: Date): string | undefined {
  if (notBefore > now) return `is not valid before ${utc(notBefore)}`;
  const left = (notAfter.getTime() - now.getTime()) / 1000;
  if (left <= 0) return `expired on ${utc(notAfter)}`;
  return left < neededSeconds ? `expires on ${utc(notAfter)}, in less than ${neededSeconds} s` : undefined;
}

/** A time as `YYYY-MM-DD HH:MM:SS`, in UTC. */
export function utc(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ');
}

function plainName(lines: string): string {
  return lines.split('\n').join('/');
}
