/** What a metalink says of one file. */
export interface MetalinkFile {
  readonly name: string;
  readonly bytes: string;
  readonly md5: string;
  readonly urls: readonly string[];
}

/** A metalink (RFC 5854) for XRootD, with one URL for each replica in order of preference. */
export function metalink({ name, bytes, md5, urls }: MetalinkFile): string {
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<metalink xmlns="urn:ietf:params:xml:ns:metalink">',
    `  <file name="${xmlText(name)}">`,
    ...(md5 === '' ? [] : [`    <hash type="md5">${xmlText(md5)}</hash>`]),
    ...(bytes === '' ? [] : [`    <size>${xmlText(bytes)}</size>`]),
    ...urls.map((url, index) => `    <url priority="${index + 1}">${xmlText(url)}</url>`),
    '  </file>',
    '</metalink>',
  ].join('\n')}\n`;
}

/** A text as it stands in XML, in an attribute too. */
export function xmlText(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    '\n': '&#10;',
    '\t': '&#9;',
    '\r': '&#13;',
  };
  return text.replace(/[&<>"\n\t\r]/g, (character) => entities[character]!);
}
