/** What glibc says to the error numbers of Linux; the central server speaks with these. */
const texts: Readonly<Record<number, string>> = {
  1: 'Operation not permitted',
  2: 'No such file or directory',
  5: 'Input/output error',
  6: 'No such device or address',
  11: 'Resource temporarily unavailable',
  13: 'Permission denied',
  16: 'Device or resource busy',
  17: 'File exists',
  20: 'Not a directory',
  21: 'Is a directory',
  22: 'Invalid argument',
  28: 'No space left on device',
  30: 'Read-only file system',
  38: 'Function not implemented',
  39: 'Directory not empty',
  53: 'Invalid request descriptor',
  61: 'No data available',
  67: 'Link has been severed',
  77: 'File descriptor in bad state',
  84: 'Invalid or incomplete multibyte or wide character',
  104: 'Connection reset by peer',
  110: 'Connection timed out',
  111: 'Connection refused',
  117: 'Structure needs cleaning',
  121: 'Remote I/O error',
  122: 'Disk quota exceeded',
};

/** `<strerror>` or `<strerror> : <detail>`, as replies have it. */
export function errorText(errno: number, detail?: string): string {
  const text = texts[errno] ?? `Unknown error ${errno}`;
  return detail === undefined ? text : `${text} : ${detail}`;
}
