import type { Finding } from '../plan/finding.ts';
import type { Event } from '../verbs/events.ts';
import { errorText } from './error-text.ts';
import { eventText } from './event-text.ts';
import { findingHints, findingText } from './finding-text.ts';
import { pages } from './pages.ts';
import { painter } from './paint.ts';
import { progressLine } from './progress-line.ts';
import type { Output, Reporter, ReportOptions } from './reporter.ts';

/** How many findings of a kind are shown before the rest is only counted. */
const shown = { blind: 10, problem: 10, notice: 3 } as const;

/** Lines for people: results and news on standard output, trouble and progress on standard error. Findings are shown by example, unless `verbose`. */
export function textReporter(
  output: Output,
  options: ReportOptions,
  terminal: { width(): number; now(): number },
): Reporter {
  const moving = progressLine((text) => output.err(text), options.animate, terminal.width, terminal.now);
  const counts = new Map<Finding['kind'], { count: number; limit: number }>();
  const paint = painter(options.color);
  const due = pages(options.page);

  const trouble = (text: string) => {
    moving.clear();
    output.err(`${text}\n`);
  };
  const tellFinding = ({ finding, severity }: Event & { kind: 'finding' }) => {
    if (options.quiet && severity === 'notice') return;
    const limit = options.verbose ? Number.POSITIVE_INFINITY : shown[severity];
    const count = (counts.get(finding.kind)?.count ?? 0) + 1;
    counts.set(finding.kind, { count, limit });
    if (count > limit) return;
    const word =
      severity === 'notice' ? paint('dim', 'note') : paint(severity === 'blind' ? 'red' : 'yellow', 'problem');
    trouble(`${word}  ${findingText(finding)}`);
  };
  /** After the findings: how many were not shown, and what to do. */
  const tellRest = () => {
    for (const [kind, { count, limit }] of counts) {
      const more = (count - limit).toLocaleString('en-US');
      if (count > limit) trouble(paint('dim', `  … and ${more} more of the kind '${kind}'; -v shows all`));
      const hint = findingHints[kind];
      if (hint !== undefined) trouble(paint('dim', `  hint: ${kind}: ${hint}`));
    }
    counts.clear();
  };
  const tellPages = () => {
    const rest = due.rest();
    if (rest !== undefined) trouble(paint('dim', `  … ${rest}`));
  };

  return {
    event(event) {
      if (event.kind === 'finding') {
        tellFinding(event);
        return;
      }
      tellRest();
      if (event.kind !== 'due') tellPages();
      else if (!due.next()) return;
      const line = eventText(event, options, paint);
      if (line === undefined) return;
      if (line.kind === 'trouble') trouble(line.text);
      else if (line.kind === 'result' || !options.quiet) {
        moving.clear();
        output.out(`${line.text}\n`);
      }
    },
    progress: (progress) => moving.show(progress),
    error(error) {
      tellRest();
      moving.clear();
      output.err(errorText(error, options));
    },
    end() {
      tellRest();
      tellPages();
      moving.clear();
    },
  };
}
