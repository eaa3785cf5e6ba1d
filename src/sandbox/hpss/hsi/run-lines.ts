import { readFileSync } from 'node:fs';
import { fsPath, nameFromBytes } from '../../../model/byte-name.ts';
import { connectionLost, type FailureText } from '../failure-texts.ts';
import type { FaultSource } from '../faults.ts';
import { linesOf } from '../input.ts';
import { exits } from '../system/hpss-error.ts';
import { Dropped } from '../valve.ts';
import { local, UsageError } from './arguments.ts';
import { type CommandLine, parseLine, type Word } from './command-line.ts';
import { commandOf } from './commands.ts';
import { runFaulty } from './faulty-command.ts';
import { complain, type Session, say } from './session.ts';

/** Where lines come from; undefined at the end. */
export type Lines = () => Promise<string | undefined>;

/** Runs commands until the lines or the session end. One that fails does not stop those behind it. */
export async function runLines(session: Session, faults: FaultSource, lines: Lines): Promise<void> {
  for (let line = await lines(); line !== undefined && !session.ended; line = await lines()) {
    const commands = parseLine(line);
    if (commands === undefined) {
      await complain(session, `*** unbalanced quotes: ${line}`, exits.usage);
      continue;
    }
    if (session.echo && commands.length === 0 && line !== '') await say(session, line);
    for (const command of commands) {
      if (session.ended) return;
      await runCommand(session, faults, command, lines);
    }
  }
}

async function runCommand(session: Session, faults: FaultSource, command: CommandLine, lines: Lines): Promise<void> {
  const [name, ...own] = command.words;
  if (name === undefined) return;
  if (session.echo) await say(session, command.text);
  const words = command.marker === undefined ? own : [...own, ...(await listedWords(command.marker, lines))];
  if (name.text === 'in') {
    await runFile(session, faults, words[0]);
    return;
  }
  session.commands += 1;
  const known = commandOf(name.text);
  if (known === undefined) {
    await complain(session, `*** unknown command: ${name.text}`, exits.usage);
    return;
  }
  try {
    await runFaulty(session, faults, name.text, known, words);
  } catch (error) {
    if (error instanceof UsageError) await complain(session, `*** usage: ${name.text}: ${error.message}`, exits.usage);
    else if (error instanceof Dropped) await giveUp(session, connectionLost);
    else throw error;
  }
}

/** Says why nothing more can be done, and ends the session. */
export async function giveUp(session: Session, { lines, exit }: FailureText): Promise<void> {
  for (const line of lines) await complain(session, line, exit);
  session.ended = true;
}

/** The words of the lines up to the one that is the marker. */
async function listedWords(marker: string, lines: Lines): Promise<readonly Word[]> {
  const words: Word[] = [];
  for (let line = await lines(); line !== undefined && line.trim() !== marker; line = await lines()) {
    for (const command of parseLine(line) ?? []) words.push(...command.words);
  }
  return words;
}

async function runFile(session: Session, faults: FaultSource, file: Word | undefined): Promise<void> {
  if (file === undefined) {
    await complain(session, '*** usage: in file', exits.usage);
    return;
  }
  let text: string;
  try {
    text = nameFromBytes(readFileSync(fsPath(local(session, file.text))));
  } catch (error) {
    await complain(session, `*** in: ${(error as Error).message.split(',')[0]}: ${file.text}`, exits.noInput);
    return;
  }
  await runLines(session, faults, linesOf(text));
}
