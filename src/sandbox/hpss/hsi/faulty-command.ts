import { authenticationFailed, systemDown } from '../failure-texts.ts';
import type { Fault, FaultSource } from '../faults.ts';
import { pretendingDisk } from '../system/disk.ts';
import { exitOf, exits, type HpssSymbol, hpssCodes } from '../system/hpss-error.ts';
import { spend } from '../system/tape.ts';
import { Dropped, hang } from '../valve.ts';
import type { Word } from './command-line.ts';
import type { HsiCommand } from './commands.ts';
import { complain, cutOutput, type Session, silence } from './session.ts';

/** Runs one command, with the fault that the script has for it. */
export async function runFaulty(
  session: Session,
  faults: FaultSource,
  name: string,
  command: HsiCommand,
  words: readonly Word[],
): Promise<void> {
  const fault = faults('hsi', 'command', [name, ...words.map(({ text }) => text)].join(' '));
  const before = { output: session.output, errors: session.errors, disk: session.system.disk, status: session.status };
  session.fault = fault;
  try {
    if (!(await beginFault(session, name, fault))) return;
    if (command.transfers !== true) cutOutput(session);
    await command.run(session, words);
    if (fault?.kind === 'hang' && fault.when === 'after') await hang();
    if (fault?.kind === 'drop') throw new Dropped();
  } finally {
    session.fault = undefined;
    session.output = before.output;
    session.errors = before.errors;
    session.system.disk = before.disk;
  }
  if (fault?.kind !== 'lie') return;
  session.status = fault.exit ?? before.status;
  if (fault.says === 'failure') await fail(session, name, { kind: 'fail', ...exitOfLie(fault) });
}

/** What comes before the deed. False if there is none. */
async function beginFault(session: Session, name: string, fault: Fault | undefined): Promise<boolean> {
  switch (fault?.kind) {
    case 'fail':
      await fail(session, name, fault);
      return false;
    case 'expire':
    case 'down': {
      const { lines, exit } = fault.kind === 'down' ? systemDown : authenticationFailed;
      for (const line of lines) await complain(session, line, exit);
      session.ended = true;
      return false;
    }
    case 'hang':
      if ((fault.when ?? 'before') === 'before') await hang();
      return true;
    case 'slow':
      spend(session.system, fault.seconds);
      return true;
    case 'lie':
      if (!fault.does) session.system.disk = pretendingDisk;
      if (fault.says !== 'success') silence(session);
      return true;
    default:
      return true;
  }
}

async function fail(session: Session, name: string, fault: Fault & { readonly kind: 'fail' }): Promise<void> {
  const { code = hpssCodes.EIO.code } = fault;
  const symbol = (Object.keys(hpssCodes) as HpssSymbol[]).find((one) => hpssCodes[one].code === code);
  const said = symbol === undefined ? `Error ${code}` : `${hpssCodes[symbol].text}: HPSS_${symbol}`;
  const transfer = symbol === 'EIO' && ['put', 'get', 'cput', 'cget'].includes(name);
  const text = fault.text ?? (transfer ? `${name}: Error ${code} on transfer` : `*** ${name}: ${said}`);
  await complain(session, text, fault.exit ?? (symbol === undefined ? exits.usage : exitOf(symbol)));
}

function exitOfLie({ exit }: Fault & { readonly kind: 'lie' }): { readonly exit?: number } {
  return exit === undefined ? {} : { exit };
}
