import { type Finding, type Severity, severityOf } from '../../plan/finding.ts';
import { linesIn } from './work-lines.ts';

/** Findings of one severity, read when they are wanted: there may be as many as entries. */
export type FindingSource = (severity: Severity) => Iterable<Finding>;

/** Findings that are few, in their order. */
export function findingsInMemory(findings: readonly Finding[]): FindingSource {
  return (severity) => findings.filter((one) => severityOf(one) === severity);
}

/** Findings in work files, file by file. */
export function findingsOnDisk(files: readonly { readonly [severity in Severity]?: string }[]): FindingSource {
  return function* (severity) {
    for (const { [severity]: path } of files) {
      if (path === undefined) continue;
      for (const line of linesIn(path)) yield JSON.parse(line) as Finding;
    }
  };
}
