import { displayName, displayText } from '../model/byte-name.ts';
import { timeForPeople } from '../model/file-time.ts';
import { printableWord } from '../model/printable-word.ts';
import type { Event } from '../verbs/events.ts';
import type { RestoreTotals } from '../verbs/restore/restore-event.ts';
import { entryText, usageText } from './entry-text.ts';
import { errorText, problemText } from './error-text.ts';
import { explainedText } from './explained-text.ts';
import type { Line } from './line.ts';
import { listCheckedText, listingUsedText, scannedText } from './listing-text.ts';
import { noRecordText } from './no-record-text.ts';
import type { Paint } from './paint.ts';
import { poolText } from './pool-text.ts';
import { countText, sizeText } from './quantities.ts';
import { reconciledText } from './reconciled-text.ts';
import type { Reported } from './reported.ts';
import type { ReportOptions } from './reporter.ts';
import { restoreCommand } from './restore-command.ts';
import { sandboxGridText, sandboxText } from './sandbox-text.ts';
import { statusText } from './status-text.ts';
import { dueText, surveyedText } from './survey-text.ts';
import { postponedText, sampleText, verdictText, verifiedText } from './verify-text.ts';

/** What an event says to people, if anything. Findings are told by finding-text.ts. */
export function eventText(
  event: Exclude<Reported, { kind: 'finding' }>,
  options: ReportOptions,
  paint: Paint,
): Line | undefined {
  const news = (text: string): Line => ({ kind: 'news', text });
  const result = (text: string): Line => ({ kind: 'result', text });
  const told = (text: string | undefined) => (text === undefined ? undefined : result(text));
  const trouble = (text: string): Line => ({ kind: 'trouble', text });
  switch (event.kind) {
    case 'pool':
      return poolText(event, options, paint);
    case 'problem':
      return trouble(problemText(event.problem));
    case 'doubtful': {
      const told = `${countText(event.warnings, 'warning')} about the configuration; stowage check ${printableWord(event.configuration)} says which`;
      return options.quiet ? undefined : trouble(`${paint('dim', 'note')}  ${told}`);
    }
    case 'checked':
      return news(checkedText(event));
    case 'scan-resumed': {
      const known = countText(event.entries, 'entry', 'entries');
      return news(
        `${name(event.section)}: goes on with a scan begun at ${event.begunAt} that was stopped (${known} listed)`,
      );
    }
    case 'scanned':
      return news(scannedText(event));
    case 'list-differs':
      return trouble(
        `${paint('yellow', 'problem')}  ${event.what === 'gone' ? 'listed and not there' : `listed with another ${event.what}`}: ${name(event.path)}`,
      );
    case 'list-checked':
      return news(listCheckedText(event));
    case 'listing-used':
      return trouble(`${paint('dim', 'note')}  ${listingUsedText(event.listing)}`);
    case 'no-listing': {
      const told = `${name(event.section)}: what is on disk is not told, for there is no listing of it; stowage scan CONFIG ${printableWord(event.section)} makes one`;
      return trouble(`${paint('dim', 'note')}  ${told}`);
    }
    case 'explained':
      return result(explainedText(event.explained, paint));
    case 'due':
      return result(dueText(event.plan));
    case 'surveyed':
      return news(surveyedText(event));
    case 'reconciled':
      return result(reconciledText(event));
    case 'healed':
      return news(
        `${paint('green', 'healed')}   ${name(event.archive)}  a killed run had stored it and not yet recorded it`,
      );
    case 'stored': {
      const { archive, members, bytes, carried, replaced } = event.stored;
      const word = paint('green', replaced ? 'replaced' : 'stored  ');
      const over = carried === 0 ? '' : `, ${carried.toLocaleString('en-US')} carried over`;
      const { packed } = event.stored;
      const how =
        packed === undefined ? '' : packed.by === 'store' ? ', by htar' : `, streamed: ${displayText(packed.why)}`;
      return news(`${word} ${name(archive)}  ${countText(members, 'file')}, ${sizeText(bytes)}${over}${how}`);
    }
    case 'recall': {
      const tapes = event.mounts === 0 ? 'no tape to mount' : `at most ${countText(event.mounts, 'tape')} to mount`;
      return news(`${countText(event.archives, 'archive')} (${sizeText(event.bytes)}) to be read, ${tapes}`);
    }
    case 'failed':
      return trouble(`${paint('red', 'failed')}  ${name(event.what)}\n${indented(errorText(event.error, options))}`);
    case 'archived': {
      const { archives, members, contentBytes, failed } = event.totals;
      if (archives + failed === 0) return undefined;
      const bad = failed === 0 ? '' : `; ${countText(failed, 'archive')} failed`;
      const what = `${countText(archives, 'archive')} stored and checked, ${countText(members, 'file')}, ${sizeText(contentBytes)}`;
      return news(`${name(event.section)}: ${what}${bad}`);
    }
    case 'remaining':
      return trouble(`${countText(event.archives, 'archive')} (${sizeText(event.bytes)}) remain`);
    case 'verdict':
      return told(verdictText(event.verdict, options, paint));
    case 'sample':
      return news(sampleText(event));
    case 'postponed':
      return news(postponedText(event));
    case 'verified':
      return news(verifiedText(event));
    case 'found': {
      const { archive, member, since, configuration, store } = event.found;
      const link = member.type === 'link' ? ` -> ${displayName(member.target ?? '')}` : '';
      const facts = `${sizeText(member.bytes)}  ${timeForPeople(member.mtimeNs)}`;
      const whose = event.several ? `  on ${name(store)} by ${name(configuration)}` : '';
      const how = options.verbose ? `\n  ${restoreCommand(event.found)}` : '';
      return result(`${name(member.path)}${link}  ${facts}  in ${name(archive)} since ${since}${whose}${how}`);
    }
    case 'no-record': {
      const told = `${name(event.owner.configuration)}: nothing of it is recorded in '${name(event.state)}'`;
      return trouble(`${paint('dim', 'note')}  ${told}: ${noRecordText(event.owner)}`);
    }
    case 'other-record': {
      const { section, configuration, root, store } = event;
      // Of another configuration: no problem of this one.
      if (options.quiet) return undefined;
      const told = `section '${name(section)}' is not in ${name(configuration)}, and its record is about root '${name(root)}' and store '${name(store)}': not asked`;
      return trouble(`${paint('dim', 'note')}  ${told}; --also CONFIG asks the configuration that has it`);
    }
    case 'entry':
      return result(entryText(event.entry, event.long));
    case 'usage':
      return result(usageText(event.usage));
    case 'unknown-path': {
      const { path, section } = event;
      const below = path.startsWith(`${section}/`) ? path.slice(section.length + 1) : undefined;
      const hint =
        below === undefined
          ? 'stowage find CONFIG PATTERN says what the archives hold'
          : `paths are relative to the section: '${name(below)}'`;
      return trouble(
        `${paint('red', 'not restored')}  ${name(path)}: no archive of section '${name(section)}' holds it\n  hint: ${hint}`,
      );
    }
    case 'restored':
      return restoredText(event.restored, options, paint);
    case 'restored-in-all':
      return news(`${name(event.section)}: ${restoreTotalsText(event.totals)}`);
    case 'status':
      return result(statusText(event.status, event.several, paint));
    case 'unlocked': {
      const held = { none: 'was not locked', unreadable: 'unlocked; the lock could not be read' };
      const { holder } = event;
      const told =
        holder === undefined
          ? held.none
          : holder === 'unreadable'
            ? held.unreadable
            : `unlocked; it was held by ${holder}`;
      return result(`${name(event.section)}: ${told}`);
    }
    case 'examined':
      return examinedText(event, paint);
    case 'diagnosed': {
      const { ok, warnings, problems, unseen } = event;
      const told = unseen === 0 ? '' : `, ${unseen} could not be looked at`;
      return news(`${ok} ok, ${countText(warnings, 'warning')}, ${countText(problems, 'problem')}${told}`);
    }
    case 'script':
      return result(event.text.trimEnd());
    case 'sandbox-grid':
      return result(sandboxGridText(event));
    case 'sandbox':
      return result(sandboxText(event));
    case 'rebuilt': {
      const adopted = event.adopted === 0 ? '' : ` (${event.adopted} by their own index)`;
      return news(
        `${name(event.section)}: ${countText(event.archives, 'archive')} known again${adopted}, ${countText(event.members, 'file')}`,
      );
    }
  }
}

function checkedText({ sections, errors, warnings }: Event & { readonly kind: 'checked' }): string {
  const lines = sections.map(
    (one) =>
      `section ${name(one.section)}: ${countText(one.directories, 'directory', 'directories')}, ${countText(one.patterns, 'pattern')}`,
  );
  return [...lines, `${countText(errors, 'error')}, ${countText(warnings, 'warning')}`].join('\n');
}

function examinedText({ check, outcome, found, advice }: Event & { readonly kind: 'examined' }, paint: Paint): Line {
  const color = { ok: 'green', warning: 'yellow', problem: 'red', unseen: 'red' } as const;
  const hint = advice === undefined ? '' : `\n  hint: ${advice}`;
  const text = `${paint(color[outcome], outcome.padEnd(7))}  ${check}: ${displayText(found)}${hint}`;
  return { kind: outcome === 'ok' ? 'news' : 'trouble', text };
}

function restoreTotalsText({ restored, there, differs, failed, bytes }: RestoreTotals): string {
  const parts = [`${countText(restored, 'file')} restored and checked (${sizeText(bytes)})`];
  if (there > 0) parts.push(`${countText(there, 'file')} there already`);
  if (differs > 0) parts.push(`${countText(differs, 'file')} left alone`);
  if (failed > 0) parts.push(`${countText(failed, 'file')} not restored`);
  return parts.join(', ');
}

function restoredText(
  restored: (Event & { readonly kind: 'restored' })['restored'],
  options: ReportOptions,
  paint: Paint,
): Line | undefined {
  const { outcome, target, path, problem, torn } = restored;
  if (outcome === 'there') return options.verbose ? { kind: 'news', text: `there     ${name(target)}` } : undefined;
  if (outcome === 'restored') {
    const doubts = [problem, torn ? 'torn: it changed while it was archived' : undefined].filter(
      (one) => one !== undefined,
    );
    return {
      kind: 'news',
      text: `${paint('green', 'restored')}  ${name(target)}${doubts.map((one) => `  (${one})`).join('')}`,
    };
  }
  const advice = outcome === 'differs' ? '; --overwrite replaces it' : '';
  return { kind: 'trouble', text: `${paint('red', 'not restored')}  ${name(path)}: ${problem ?? ''}${advice}` };
}

function indented(text: string): string {
  return text.trimEnd().replace(/^/gm, '  ');
}

function name(text: string): string {
  return displayName(text);
}
