/** The first line of HPSSPy's caches of files on disk and on HPSS. */
export const csvHeader = 'Name,Size,Mtime\r\n';

const mustQuote = /[",\r\n]/;

/** A row of a cache, with its line end: Python's `csv` in its usual dialect. */
export function csvRow(name: string, size: string | number, mtime: string | number): string {
  return `${mustQuote.test(name) ? `"${name.replaceAll('"', '""')}"` : name},${size},${mtime}\r\n`;
}

/** In which column of a cache stands what; -1 for a column that it has not. */
export interface CsvColumns {
  readonly name: number;
  readonly size: number;
  readonly mtime: number;
}

/** The columns by the fields of the first line. */
export function csvColumns(header: readonly string[]): CsvColumns {
  return { name: header.lastIndexOf('Name'), size: header.lastIndexOf('Size'), mtime: header.lastIndexOf('Mtime') };
}
