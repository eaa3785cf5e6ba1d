import { displayName, displayText } from '../model/byte-name.ts';
import type { NameSteps, PathExplanation, RuleTrial } from '../rules/explain-path.ts';
import type { DiskLook, ExplainedPath } from '../verbs/explained-path.ts';
import { refusalText } from './finding-text.ts';
import type { Paint } from './paint.ts';
import { sizeText } from './quantities.ts';

/** What becomes of a path and why, as lines for people: the answer first, then each rule, then disk and record. */
export function explainedText(explained: ExplainedPath, paint: Paint): string {
  const { explanation, disk, recorded, recordProblem } = explained;
  const lines = [
    `${displayName(explanation.path)}: ${fateText(explained, paint)}`,
    ...rulesText(explained, paint),
    `  on disk: ${diskText(disk)}`,
    ...recorded.map(
      (one) =>
        `  recorded: ${displayName(one.archive)} holds it since ${one.since} (${one.type}, ${sizeText(one.bytes)})`,
    ),
    ...(recorded.length > 0
      ? []
      : [recordProblem === undefined ? '  recorded: in no archive' : `  recorded: not known: ${recordProblem}`]),
  ];
  return lines.join('\n');
}

function fateText({ explanation, archive, section, disk }: ExplainedPath, paint: Paint): string {
  if (disk.kind === 'there' && disk.type === 'directory') {
    return 'a directory: it goes with the archives of what is in it; rules are for files and links, and are tried on its name here';
  }
  if (disk.kind === 'there' && disk.refusal !== undefined) {
    const mapped = archive === undefined ? '' : `; the rules would put it into ${displayName(archive)}`;
    return `${paint('red', 'refused')}: ${refusalText(disk.refusal)}${mapped}`;
  }
  const { fate, directory } = explanation;
  switch (fate.kind) {
    case 'archived':
      return `${paint('green', 'goes into')} ${displayName(archive ?? '')}`;
    case 'excluded':
      return fate.rule === '__exclude__' ? "excluded: '__exclude__' names it" : 'excluded: its one rule says EXCLUDE';
    case 'automated':
      return 'automated: its one rule says that others archive it';
    case 'ambiguous':
      return `${paint('red', 'ambiguous')}: ${fate.rules.length} rules match, exactly one must; it goes nowhere`;
    case 'unmapped':
      return fate.described
        ? `${paint('red', 'unmapped')}: no rule of the entry "${displayText(directory)}" matches`
        : `${paint('red', 'unmapped')}: the section "${displayText(section)}" has no rules for "${displayText(directory)}"${
            directory === section ? '; paths are relative to the section: leave out its name' : ''
          }`;
    case 'refused':
      return `${paint('red', 'refused')}: ${refusalText(fate.reason.kind === 'timed-out' ? { ...fate.reason, pattern: fate.rule.pattern } : fate.reason)}`;
  }
}

function rulesText({ explanation }: ExplainedPath, paint: Paint): readonly string[] {
  const { trials, directory } = explanation;
  if (trials.length === 0) return [];
  const heading = explanation.excluded
    ? `  the rules of "${displayText(directory)}" do not count for it:`
    : `  the rules of "${displayText(directory)}", in the order of the file:`;
  return [heading, ...trials.flatMap((one) => trialText(one, explanation, paint))];
}

function trialText(trial: RuleTrial, { path }: PathExplanation, paint: Paint): readonly string[] {
  const { pattern, template, line } = trial.rule;
  const word = trial.kind === 'match' ? paint('green', 'matches ') : 'does not';
  return [
    `    ${word}  ${displayText(pattern)}  →  ${displayText(template)}  (line ${line})`,
    ...(trial.kind === 'match' ? matchText(trial) : missText(trial, path)).map((text) => `              ${text}`),
  ];
}

function matchText({ matched, rest, groups, name }: RuleTrial & { readonly kind: 'match' }): readonly string[] {
  return [
    ...(rest === '' ? [] : [`it ends behind ${quoted(matched)}; ${quoted(rest)} is left over`]),
    ...groups.map(
      (text, index) => `\\${index + 1} is ${text === undefined ? 'nothing: that group took no part' : quoted(text)}`,
    ),
    ...(name === undefined ? [] : nameText(name)),
  ];
}

function nameText({ name, steps }: NameSteps): readonly string[] {
  const words = steps.map((step) =>
    step.kind === 'kept'
      ? `${quoted(step.text)} stays`
      : `${step.matched === undefined ? 'a further match' : quoted(step.matched)} becomes ${quoted(step.by)}`,
  );
  return steps.length === 1 ? words : [...words, `together: ${quoted(name)}`];
}

function missText({ rule, reached }: RuleTrial & { readonly kind: 'no-match' }, path: string): readonly string[] {
  if (reached.pattern === '') return ['not even its beginning matches'];
  const wanted = displayText(rule.pattern.slice(reached.pattern.length));
  const rest = path.slice(reached.path.length);
  const then =
    rest === '' ? `and nothing is left for ${wanted}` : `but what is left, ${quoted(rest)}, does not fit ${wanted}`;
  return [`${displayText(reached.pattern)} matches ${quoted(reached.path)}, ${then}`];
}

function diskText(disk: DiskLook): string {
  switch (disk.kind) {
    case 'absent':
      return `not there; looked in ${disk.places.map(quotedName).join(', ')}`;
    case 'unseen':
      return `cannot be looked at: ${disk.reason}`;
    case 'there': {
      const size = disk.type === 'file' ? `, ${sizeText(disk.bytes)}` : '';
      const target = disk.target === undefined ? '' : ` to ${quotedName(disk.target)}`;
      return `a ${disk.type.replace('-', ' ')}${target}${size}, ${disk.places.map(quotedName).join(' and ')}`;
    }
  }
}

function quoted(text: string): string {
  return `'${displayText(text)}'`;
}

function quotedName(name: string): string {
  return `'${displayName(name)}'`;
}
