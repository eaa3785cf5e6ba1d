import { readdirSync } from 'node:fs';
import { appendOwnLine, ensureDirectory, lives, locked, writeOwnFile } from './disk.ts';
import { place, type System } from './system.ts';
import { tapeUse } from './tape.ts';

/** One login of one process. */
export interface Login {
  /** Writes the end of the session into `sessions.jsonl`: how many commands it had, and the exit status. */
  end(commands: number, status: number): void;
}

/** How many sessions this process has begun. */
let begun = 0;

/** Counts a new session in; undefined if there are as many as the system allows. Sessions of processes that were killed do not count. */
export function logIn(system: System, tool: string, argv: readonly string[]): Login | undefined {
  const folder = place(system, 'sessions');
  begun += 1;
  const mine = place(system, 'sessions', `${process.pid}-${begun}`);
  ensureDirectory(folder);
  const isIn = locked(place(system, 'sessions.lock'), () => {
    const running = readdirSync(folder).filter((name) => /^\d+-\d+$/.test(name) && lives(Number.parseInt(name, 10)));
    if (running.length >= system.settings.mostSessions) return false;
    writeOwnFile(mine, tool);
    return true;
  });
  if (!isIn) return undefined;
  note(system, { event: 'begin', tool, argv });
  return {
    end(commands, status) {
      system.disk.removeFile(mine);
      note(system, { event: 'end', tool, commands, status, ...tapeUse(system) });
    },
  };
}

function note(system: System, what: object): void {
  appendOwnLine(place(system, 'sessions.jsonl'), JSON.stringify({ pid: process.pid, ...what }));
}
