/** A value that a server tells in its statistics, and the names that lead to it. */
export interface Statistic {
  readonly path: readonly string[];
  readonly value: string;
}

const piece = /<(\/?)([\w.:-]+)((?:\s+[\w.:-]+="[^"]*")*)\s*(\/?)>|([^<]+)/g;

/** The values in an XRootD server's statistics, in their order. An element with an id is called by it, as in `<stats id="link">`. */
export function statisticsIn(xml: string): readonly Statistic[] {
  const found: Statistic[] = [];
  const path: string[] = [];
  for (const [, closing, name, attributes = '', single, text] of xml.matchAll(piece)) {
    if (text !== undefined) {
      if (text.trim() !== '') found.push({ path: [...path], value: text.trim() });
    } else if (closing === '/') path.pop();
    else {
      const pairs = [...attributes.matchAll(/([\w.:-]+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!] as const);
      const id = pairs.find(([key]) => key === 'id')?.[1];
      // The outermost says nothing by its name.
      path.push(path.length === 0 ? '' : (id ?? name!));
      for (const [key, value] of pairs) if (key !== 'id') found.push({ path: [...path, key], value });
      if (single === '/') path.pop();
    }
  }
  return found.map(({ path: whole, value }) => ({ path: whole.filter((part) => part !== ''), value }));
}

/** The same XML with a line for each element, and those in it further to the right. */
export function indentedXml(xml: string): string {
  const lines: string[] = [];
  let depth = 0;
  for (const [whole, closing, , , single, text] of xml.matchAll(piece)) {
    if (closing === '/') depth -= 1;
    const isBegun = lines.length > 0 && (text !== undefined || (closing === '/' && !lines.at(-1)!.endsWith('>')));
    if (isBegun) lines[lines.length - 1] += whole.trim();
    else lines.push(`${'  '.repeat(Math.max(0, depth))}${whole.trim()}`);
    if (text === undefined && closing !== '/' && single !== '/') depth += 1;
  }
  return lines.join('\n');
}
