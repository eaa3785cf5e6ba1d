import { readIfThere } from '../../durable/read-if-there.ts';
import { realFiles } from '../../durable/real-files.ts';
import { writeWhole } from '../../durable/whole-file.ts';

/** Where the last shell was. */
export interface SessionPlace {
  readonly directory: string | undefined;
  readonly previous: string | undefined;
}

/** The places in the text of `~/.alienpy_session`: `CWD = ..` and `CWDPREV = ..`. */
export function parseSession(text: string): SessionPlace {
  const placeOf = (name: string) => new RegExp(`^\\s*${name}\\s*=\\s*(/.*?)\\s*$`, 'm').exec(text)?.[1];
  return { directory: placeOf('CWD'), previous: placeOf('CWDPREV') };
}

/** The text of the file. */
export function sessionText({ directory, previous }: SessionPlace): string {
  return `CWD = ${directory ?? ''}\nCWDPREV = ${previous ?? ''}\n`;
}

/** What the last shell left; nothing if there was none. */
export async function readSession(home: string): Promise<SessionPlace> {
  return parseSession((await readIfThere(fileOf(home))) ?? '');
}

/** Leaves where we are for the next shell: whole, or as it was. Of two shells at once the last to move is remembered; neither goes where the other is. */
export async function writeSession(home: string, place: SessionPlace): Promise<void> {
  await writeWhole(realFiles, fileOf(home), sessionText(place), { replace: true, mode: 0o600 });
}

function fileOf(home: string): string {
  return `${home}/.alienpy_session`;
}
