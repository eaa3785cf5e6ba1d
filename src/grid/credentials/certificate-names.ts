/** A distinguished name as it stands in a certificate. */
export interface CertificateName {
  /** Its DER, as Latin-1. */
  readonly bytes: string;
  /**
   * All of them are found in the DER (as Latin-1) of each certificate that has this name, or one that OpenSSL takes for the same: it folds case, and blanks
   * that are more than one or at an end, and knows a text again in another encoding.
   */
  readonly traces: readonly RegExp[];
}

interface Part {
  readonly tag: number;
  readonly from: number;
  readonly to: number;
}

const sequenceTag = 0x30;
const versionTag = 0xa0;
const begin = '-----BEGIN';
const [utf8Tag, universalTag, bmpTag] = [0x0c, 0x1c, 0x1e];

/**
 * Whom a certificate is for and who vouches for it, from its DER (RFC 5280, 4.1), without the rest of it being read. Undefined for what is no
 * certificate, or is not written as others are.
 */
export function namesOf(
  der: Buffer,
): { readonly subject: CertificateName; readonly issuer: CertificateName } | undefined {
  try {
    const [certificate] = partsOf(der, 0, der.length);
    const [content] = partsOf(der, inside(certificate).from, certificate!.to);
    const parts = partsOf(der, inside(content).from, content!.to);
    const [, , issuer, , subject] = parts[0]?.tag === versionTag ? parts.slice(1) : parts;
    return { issuer: nameAt(der, issuer), subject: nameAt(der, subject) };
  } catch {
    return undefined;
  }
}

/** The DER of the certificates in a PEM text. Undefined where it cannot be told what OpenSSL would read in it. */
export function certificatesIn(pem: string): readonly Buffer[] | undefined {
  const ders: Buffer[] = [];
  for (let at = pem.indexOf(begin); at >= 0; at = pem.indexOf(begin, at + 1)) {
    const from = pem.indexOf('-----', at + begin.length) + 5;
    const to = pem.indexOf('-----END', from);
    if (from < 5 || to < 0) return undefined;
    if (!pem.slice(at, from).endsWith('CERTIFICATE-----')) continue;
    const content = pem.slice(from, to);
    if (content.includes(':')) return undefined;
    ders.push(Buffer.from(content, 'base64'));
  }
  return ders.length === 0 ? undefined : ders;
}

function nameAt(der: Buffer, name: Part | undefined): CertificateName {
  const { from, to } = inside(name);
  const texts: string[] = [];
  for (const set of partsOf(der, from, to)) {
    for (const attribute of partsOf(der, set.from, set.to)) {
      const text = textOf(der, partsOf(der, inside(attribute).from, attribute.to)[1]!).trim();
      if (/^[\x20-\x7e]+$/.test(text)) texts.push(text);
    }
  }
  // The longest is seldom in others.
  texts.sort((one, other) => other.length - one.length);
  return { bytes: der.toString('latin1', from, to), traces: texts.map(traceOf) };
}

/** As it stands in one byte for each letter, or in two or four. */
function traceOf(text: string): RegExp {
  const words = text.split(/\s+/).map((word) => {
    return [...word].map((letter) => letter.replace(/[^A-Za-z0-9]/, '\\$&')).join('\\0*');
  });
  return new RegExp(words.join('[\\s\\0]+'), 'i');
}

function textOf(der: Buffer, { tag, from, to }: Part): string {
  const bytesEach = tag === bmpTag ? 2 : tag === universalTag ? 4 : 1;
  if (bytesEach === 1) return der.toString(tag === utf8Tag ? 'utf8' : 'latin1', from, to);
  let text = '';
  for (let at = from; at < to; at += bytesEach) text += String.fromCodePoint(der.readUIntBE(at, bytesEach));
  return text;
}

/** The parts of a value one after the other. Throws if they do not fill it. */
function partsOf(der: Buffer, from: number, to: number): readonly Part[] {
  const parts: Part[] = [];
  for (let at = from; at < to; ) {
    const first = der.readUInt8(at + 1);
    const more = first < 0x80 ? 0 : first & 0x7f;
    const length = more === 0 ? first : der.readUIntBE(at + 2, more);
    const start = at + 2 + more;
    if (start + length > to) throw new RangeError('a part that does not end');
    parts.push({ tag: der.readUInt8(at), from: start, to: start + length });
    at = start + length;
  }
  return parts;
}

function inside(part: Part | undefined): Part {
  if (part?.tag !== sequenceTag) throw new RangeError('not a sequence');
  return part;
}
