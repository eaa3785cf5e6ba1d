import { type CertificateName, certificatesIn, namesOf } from './certificate-names.ts';

/** A part of the authorities that is as good as all of them for some certificates. */
export interface LikelyAuthorities {
  readonly pems: readonly string[];
  /**
   * True if the chain of these certificates (DER) is found and judged with the part as it is with all: whoever vouches for one of them has a
   * name of which the part has every authority.
   */
  isEnoughFor(chain: readonly Buffer[]): boolean;
}

/** For whom authorities are likely to be needed, as PEM. */
export interface LikelyNeeds {
  /** Our own certificate, with its chain: an agent has the same, and often the server is of the same authority. */
  readonly own: string;
  /** An authority that vouches for servers. */
  readonly ofServers: string | undefined;
}

/** With fewer, all are read: that takes less than a connection that must be made again. */
const fewTexts = 20;

/**
 * The authorities that are likely to be needed, and those that vouch for them in their turn: to read a hundred others takes OpenSSL longer than the
 * whole rest of connecting. Undefined where there are few anyway, or none of these.
 *
 * The part is closed: of each name that is looked for on the way from one of its certificates to a root, it has all authorities. What cannot be read here
 * may have any name, and belongs to it too. Texts are taken whole: OpenSSL reads no further than to a certificate that is broken, and what
 * stands behind that must not become trusted.
 */
export function likelyAuthorities(pems: readonly string[], needs: LikelyNeeds): LikelyAuthorities | undefined {
  if (pems.length < fewTexts) return undefined;
  const texts = pems.map((pem) => {
    const ders = certificatesIn(pem);
    return { pem, ders, bytes: ders?.map((der) => der.toString('latin1')).join('\n') };
  });
  const chosen = new Set(texts.filter(({ ders }) => ders === undefined));
  const wanted: (CertificateName | undefined)[] = [
    ...(certificatesIn(needs.own) ?? []).map((der) => namesOf(der)?.issuer),
    ...(certificatesIn(needs.ofServers ?? '') ?? []).map((der) => namesOf(der)?.subject),
  ];
  const known = new Set<string>();
  while (wanted.length > 0) {
    const name = wanted.pop();
    if (name === undefined || known.has(name.bytes)) continue;
    known.add(name.bytes);
    for (const text of texts) {
      if (chosen.has(text) || !name.traces.every((trace) => trace.test(text.bytes!))) continue;
      chosen.add(text);
      wanted.push(...text.ders!.map((der) => namesOf(der)?.issuer));
    }
  }
  if (chosen.size === 0 || chosen.size === texts.length) return undefined;
  return {
    // In their order, which decides between two of one name.
    pems: texts.filter((text) => chosen.has(text)).map(({ pem }) => pem),
    isEnoughFor: (chain) => chain.every((der) => known.has(namesOf(der)?.issuer.bytes ?? '')),
  };
}
