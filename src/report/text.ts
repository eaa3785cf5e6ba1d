import { displayName } from '../model/byte-name.ts';
import { evidenceLevels } from '../model/evidence.ts';
import { timeForPeople } from '../model/file-time.ts';
import type { Finding } from '../plan/finding.ts';
import type { ArchivePlan, Reason } from '../plan/plan-archive.ts';
import type { Event, SectionStatus } from '../verbs/events.ts';
import { errorText, problemText } from './error-text.ts';
import { findingHints, findingText } from './finding-text.ts';
import { progressLine } from './progress-line.ts';
import { countText, sizeText } from './quantities.ts';
import type { Output, Reporter, ReportOptions } from './reporter.ts';

const shownOfAKind = 10;
const quietKinds: ReadonlySet<Finding['kind']> = new Set([
  'attributes',
  'gone',
  'remapped',
  'never-verified',
  'empty-directory',
  'dropped',
]);

/** Lines for people. Of each kind of finding the first ten are shown, the rest counted, unless `verbose`. */
export function textReporter(
  output: Output,
  options: ReportOptions,
  terminal: { width(): number; now(): number },
): Reporter {
  const moving = progressLine((text) => output.err(text), options.animate, terminal.width, terminal.now);
  const told = new Map<Finding['kind'], number>();
  const paint = painter(options.color);
  const out = (text: string) => {
    moving.clear();
    output.out(`${text}\n`);
  };
  const err = (text: string) => {
    moving.clear();
    output.err(`${text}\n`);
  };
  const news = (text: string) => {
    if (!options.quiet) out(text);
  };

  const tellRest = () => {
    for (const [kind, count] of told) {
      if (count > shownOfAKind)
        err(
          paint(
            'dim',
            `  … and ${(count - shownOfAKind).toLocaleString('en-US')} more like it (${kind}); -v shows all`,
          ),
        );
      const hint = findingHints[kind];
      if (hint !== undefined) err(paint('dim', `  hint (${kind}): ${hint}`));
    }
    told.clear();
  };

  const tellFinding = (event: Event & { kind: 'finding' }) => {
    const { finding, severity } = event;
    if (options.quiet && severity === 'notice') return;
    const count = (told.get(finding.kind) ?? 0) + 1;
    told.set(finding.kind, count);
    if (count > shownOfAKind && !options.verbose) return;
    const word =
      severity === 'notice' ? paint('dim', 'note') : paint(severity === 'blind' ? 'red' : 'yellow', severity);
    if (severity === 'notice' && quietKinds.has(finding.kind) && !options.verbose && count > 3) return;
    err(`${word}  ${findingText(finding)}`);
  };

  const tell = (event: Event): void => {
    if (event.kind === 'finding') return tellFinding(event);
    tellRest();
    switch (event.kind) {
      case 'problem':
        return err(problemText(event.problem));
      case 'checked':
        for (const one of event.sections) {
          news(
            `section ${name(one.section)}: ${countText(one.directories, 'directory', 'directories')}, ${countText(one.patterns, 'pattern')}`,
          );
        }
        return news(`${countText(event.errors, 'error')}, ${countText(event.warnings, 'warning')}`);
      case 'due':
        return news(dueText(event.plan));
      case 'surveyed': {
        const { counts, archives } = event;
        const fates = (['archived', 'excluded', 'automated', 'unmapped', 'ambiguous', 'refused'] as const)
          .filter((fate) => counts[fate] > 0)
          .map((fate) => `${counts[fate].toLocaleString('en-US')} ${fate === 'archived' ? 'to archive' : fate}`);
        news(
          `${name(event.section)}: ${countText(counts.entries, 'entry', 'entries')}, ${sizeText(counts.bytes)}: ${fates.join(', ') || 'nothing'}`,
        );
        const due =
          archives.due === 0
            ? 'nothing is missing'
            : `${archives.due.toLocaleString('en-US')} missing (${countText(archives.dueMembers, 'file')}, ${sizeText(archives.dueBytes)})`;
        const withheld = archives.withheld === 0 ? '' : `, ${archives.withheld} not to be made`;
        return news(`${name(event.section)}: ${countText(archives.kept, 'archive')} up to date, ${due}${withheld}`);
      }
      case 'healed':
        return news(
          `${paint('green', 'healed')}   ${name(event.archive)}  an earlier run had stored it and was killed before it was recorded`,
        );
      case 'stored': {
        const { stored } = event;
        const carried = stored.carried === 0 ? '' : `, ${stored.carried.toLocaleString('en-US')} carried over`;
        const word = stored.replaced ? 'replaced' : 'stored  ';
        return news(
          `${paint('green', word)} ${name(stored.archive)}  ${countText(stored.members, 'file')}, ${sizeText(stored.bytes)}${carried}`,
        );
      }
      case 'failed':
        return err(
          `${paint('red', 'failed')}  ${name(event.archive)}\n${errorText(event.error, options).replace(/^/gm, '  ').trimEnd()}`,
        );
      case 'archived': {
        const { totals } = event;
        if (totals.archives + totals.failed === 0) return undefined;
        const failed = totals.failed === 0 ? '' : `; ${countText(totals.failed, 'archive')} failed`;
        return news(
          `${name(event.section)}: ${countText(totals.archives, 'archive')} stored and checked, ${countText(totals.members, 'file')}, ${sizeText(totals.contentBytes)}${failed}`,
        );
      }
      case 'remaining':
        return err(`${countText(event.archives, 'archive')} (${sizeText(event.bytes)}) remain`);
      case 'verdict': {
        const { verdict } = event;
        if (verdict.outcome === 'intact')
          return options.verbose
            ? out(`${paint('green', 'intact')}  ${name(verdict.archive)}  (${verdict.level})`)
            : undefined;
        const problems = verdict.problems
          .slice(0, options.verbose ? undefined : 5)
          .map((one) => `\n  ${one}`)
          .join('');
        const more =
          verdict.problems.length > 5 && !options.verbose
            ? `\n  … and ${verdict.problems.length - 5} more; -v shows all`
            : '';
        return out(`${paint('red', verdict.outcome)}  ${name(verdict.archive)}${problems}${more}`);
      }
      case 'verified': {
        const { intact, damaged, missing, bytes, level } = event;
        const bad = [damaged > 0 ? `${damaged} damaged` : '', missing > 0 ? `${missing} missing` : '']
          .filter(Boolean)
          .join(', ');
        return news(
          `${countText(intact, 'archive')} intact${bad === '' ? '' : `, ${bad}`}, at the level ${level} (${sizeText(bytes)})`,
        );
      }
      case 'found': {
        const { section, archive, member, since } = event.found;
        const kind = member.type === 'link' ? ` -> ${displayName(member.target ?? '')}` : '';
        return out(
          `${name(`${section}/${member.path}`)}${kind}  ${sizeText(member.bytes)}  ${timeForPeople(member.mtimeNs)}  in ${name(archive)} since ${since.slice(0, 19)}Z`,
        );
      }
      case 'restored': {
        const { restored } = event;
        if (restored.outcome === 'there')
          return options.verbose ? news(`there     ${name(restored.target)}`) : undefined;
        if (restored.outcome === 'restored') {
          const torn = restored.torn ? '  (torn: it changed while it was archived)' : '';
          return news(
            `${paint('green', 'restored')}  ${name(restored.target)}${restored.problem === undefined ? '' : `  (${restored.problem})`}${torn}`,
          );
        }
        const advice = restored.outcome === 'differs' ? '; --overwrite replaces it' : '';
        return err(`${paint('red', 'not restored')}  ${name(restored.path)}: ${restored.problem ?? ''}${advice}`);
      }
      case 'status':
        return out(statusText(event.status, paint));
      case 'unlocked':
        return out(
          event.holder === undefined
            ? `${name(event.section)}: was not locked`
            : `${name(event.section)}: unlocked; it was held by ${event.holder}`,
        );
      case 'rebuilt':
        return news(
          `${name(event.section)}: ${countText(event.archives, 'archive')} known again (${event.adopted} by their own index), ${countText(event.members, 'file')}`,
        );
    }
  };

  return {
    event: tell,
    progress: (progress) => moving.show(progress),
    error(error) {
      tellRest();
      moving.clear();
      output.err(errorText(error, options));
    },
    end() {
      tellRest();
      moving.clear();
    },
  };
}

function dueText(plan: ArchivePlan): string {
  const carried =
    plan.carried.length === 0 ? '' : `, ${plan.carried.length.toLocaleString('en-US')} of them carried over`;
  const files = countText(plan.entries.length + plan.carried.length, 'file');
  return `missing  ${name(plan.key)}  ${files}, ${sizeText(plan.bytes)}${carried}  ${plan.reasons.map(reasonText).join('; ')}`;
}

function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case 'absent':
      return 'not in the store';
    case 'lost':
      return `recorded on ${reason.recordedAt.slice(0, 19)}Z, no longer in the store`;
    case 'damaged':
      return `damaged: ${reason.what}`;
    case 'members':
      return [reason.added > 0 ? `${reason.added} new` : '', reason.changed > 0 ? `${reason.changed} changed` : '']
        .filter(Boolean)
        .join(', ');
  }
}

function statusText(status: SectionStatus, paint: Paint): string {
  const lines = [
    `${name(status.section)}: ${countText(status.archives, 'archive')}, ${countText(status.members, 'file')}, ${sizeText(status.bytes)}`,
  ];
  lines.push(status.lastRun === undefined ? '  never archived' : `  last archived  ${status.lastRun}`);
  const rungs = evidenceLevels
    .filter((level) => status.rungs[level] > 0)
    .map((level) => `${level} ${status.rungs[level]}`);
  if (rungs.length > 0)
    lines.push(
      `  checked        ${rungs.join(', ')}${status.oldestCheck === undefined ? '' : `; the oldest ${status.oldestCheck}`}`,
    );
  if (status.neverVerified > 0) lines.push(`  never verified ${status.neverVerified}`);
  for (const one of status.damaged)
    lines.push(`  ${paint('red', 'damaged')}        ${name(one.archive)}: ${one.problems[0] ?? ''}`);
  if (status.unfinishedRuns.length > 0)
    lines.push(`  interrupted    ${status.unfinishedRuns.join(', ')}; stowage archive goes on with it`);
  if (status.holder !== undefined) lines.push(`  locked         by ${status.holder}`);
  return lines.join('\n');
}

type Paint = (color: 'red' | 'yellow' | 'green' | 'dim', text: string) => string;

function painter(enabled: boolean): Paint {
  const codes = { red: 31, yellow: 33, green: 32, dim: 2 } as const;
  return (color, text) => (enabled ? `\x1b[${codes[color]}m${text}\x1b[0m` : text);
}

function name(text: string): string {
  return displayName(text);
}
