const mustEscape = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;
const everyOne = new RegExp(mustEscape.source, 'g');
const short: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

/** A text as Python's `json` writes it: nothing but printable ASCII, all else as `\uXXXX`, by UTF-16 code units. */
export function pythonJsonString(text: string): string {
  return `"${pythonJsonText(text)}"`;
}

/** The same without the quotes around it. */
export function pythonJsonText(text: string): string {
  return mustEscape.test(text) ? text.replace(everyOne, escaped) : text;
}

function escaped(unit: string): string {
  return short[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
