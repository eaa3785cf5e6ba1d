import { isStowageError, plainReason } from '../errors.ts';
import { nameToJson } from '../model/byte-name.ts';
import { memberToJson } from '../model/manifest-json.ts';
import type { Finding } from '../plan/finding.ts';
import type { RuleTrial } from '../rules/explain-path.ts';
import type { ExplainedPath } from '../verbs/explained-path.ts';
import type { CompleteListing } from '../verbs/listing/listing-event.ts';
import type { ListedEntry, RecordOwner } from '../verbs/search/search-event.ts';
import { errorText } from './error-text.ts';
import type { Reported } from './reported.ts';
import type { Output, Reporter } from './reporter.ts';

/** One JSON object a line on standard output; progress is not told. An error that ends the run is said on standard error as well. docs/json.md describes the lines. */
export function jsonReporter(output: Output, options: { readonly debug: boolean }): Reporter {
  const line = (record: object) => output.out(`${JSON.stringify(record)}\n`);
  return {
    event: (event) => line(eventJson(event)),
    progress: () => undefined,
    error(error) {
      line({ event: 'error', ...errorJson(error) });
      output.err(errorText(error, options));
    },
    end: (status) => line({ event: 'end', status }),
  };
}

/** The JSON form of an event. */
export function eventJson(event: Reported): object {
  switch (event.kind) {
    case 'pool': {
      const { kind, path, ...rest } = event;
      return { event: kind, ...rest, ...(path === undefined ? {} : nameToJson(path)) };
    }
    case 'problem':
      return { event: 'problem', ...event.problem };
    case 'explained':
      return { event: 'explained', ...explainedJson(event.explained) };
    case 'scan-resumed':
      return { event: 'scan-resumed', section: event.section, begun: event.begunAt, entries: event.entries };
    case 'scanned':
      return {
        event: 'scanned',
        ...listingJson(event.listing),
        milliseconds: event.milliseconds,
        looked: event.looked,
      };
    case 'list-differs':
      return { event: 'list-differs', section: event.section, ...nameToJson(event.path), what: event.what };
    case 'listing-used':
      return { event: 'listing-used', ...listingJson(event.listing) };
    case 'finding':
      return { event: 'finding', section: event.section, severity: event.severity, ...findingJson(event.finding) };
    case 'due': {
      const { plan } = event;
      const counts = { members: plan.members, carried: plan.carried, bytes: plan.bytes };
      return {
        event: 'due',
        section: event.section,
        ...archive(plan.key),
        format: plan.format,
        reasons: plan.reasons,
        ...counts,
        ...(plan.packing === undefined ? {} : { packing: plan.packing }),
      };
    }
    case 'stored': {
      const { archive: key, ...rest } = event.stored;
      return { event: 'stored', section: event.section, ...archive(key), ...rest };
    }
    case 'healed':
      return { event: 'healed', ...archive(event.archive), run: event.run };
    case 'failed':
      return { event: 'failed', ...named('what', event.what), ...errorJson(event.error) };
    case 'verdict': {
      const { archive: key, ...rest } = event.verdict;
      return { event: 'verdict', section: event.section, ...archive(key), ...rest };
    }
    case 'found': {
      const { section, archive: key, member, since, unconfigured } = event.found;
      const whose = { ...ownerJson(event.found), ...(unconfigured && { unconfigured }) };
      return { event: 'found', ...whose, section, ...archive(key), ...memberToJson(member), since };
    }
    case 'entry':
      return { event: 'entry', section: event.section, ...entryJson(event.entry) };
    case 'usage': {
      const { path, ...rest } = event.usage;
      return { event: 'usage', section: event.section, ...nameToJson(path), ...rest };
    }
    case 'restored-in-all':
      return { event: 'restored-in-all', section: event.section, ...event.totals };
    case 'restored': {
      const { path, archive: key, target, ...rest } = event.restored;
      return { event: 'restored', ...nameToJson(path), ...archive(key), ...named('target', target), ...rest };
    }
    case 'unknown-path':
      return { event: 'unknown-path', section: event.section, ...nameToJson(event.path) };
    case 'archived':
      return { event: 'archived', section: event.section, ...event.totals };
    case 'status':
      return { event: 'status', ...event.status, ...ownerJson(event.status) };
    case 'no-record':
      return {
        event: 'no-record',
        ...named('configuration', event.owner.configuration),
        ...named('state', event.state),
      };
    case 'other-record': {
      const { configuration, section, root, store } = event;
      const about = { ...named('root', root), ...named('store', store) };
      return { event: 'other-record', ...named('configuration', configuration), section, ...about };
    }
    default: {
      const { kind, ...rest } = event;
      return { event: kind, ...rest };
    }
  }
}

function listingJson(listing: CompleteListing): object {
  const { section, folder, source, roots, begunAt, endedAt, resumed, counts, unseen, shards } = listing;
  return {
    section,
    ...named('folder', folder),
    source,
    roots: roots.map(nameToJson),
    begun: begunAt,
    ended: endedAt,
    resumed,
    counts,
    unseen,
    shards: shards.length,
  };
}

function findingJson(finding: Finding): object {
  const { kind, ...rest } = finding;
  const path = 'path' in rest ? nameToJson(rest.path) : {};
  const key = 'archive' in rest && rest.archive !== undefined ? archive(rest.archive) : {};
  return { finding: kind, ...rest, ...path, ...key };
}

function explainedJson({ section, explanation, archive: key, disk, ...rest }: ExplainedPath): object {
  const { path, fate, directory, excluded, trials } = explanation;
  return {
    section,
    ...nameToJson(path),
    fate: fate.kind,
    ...(key === undefined ? {} : archive(key)),
    ...(fate.kind === 'refused' ? { why: fate.reason } : {}),
    directory,
    described: trials.length > 0,
    excluded,
    rules: trials.map(trialJson),
    disk,
    ...rest,
  };
}

function trialJson(trial: RuleTrial): object {
  const { pattern, template, line } = trial.rule;
  const rule = { pattern, template, line, matches: trial.kind === 'match' };
  if (trial.kind === 'no-match') return { ...rule, reached: trial.reached };
  const { matched, rest, groups, name } = trial;
  return { ...rule, matched, rest, groups: groups.map((one) => one ?? null), ...name };
}

function entryJson(entry: ListedEntry): object {
  if (entry.kind === 'member') return { ...memberToJson(entry.member), ...archive(entry.archive), since: entry.since };
  const { path, files, bytes, member } = entry;
  if (member === undefined) return { ...nameToJson(path), type: 'directory', files, bytes };
  return { ...memberToJson(member), bytes, files };
}

function errorJson(error: unknown): object {
  if (!isStowageError(error)) return { code: 'bug', message: plainReason(error) };
  const problems = Array.isArray(error.facts.problems) ? { problems: error.facts.problems } : {};
  return {
    code: error.code,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...problems,
  };
}

function ownerJson({ configuration, store, state, pool }: RecordOwner): object {
  return {
    ...named('configuration', configuration),
    ...named('store', store),
    ...(state === undefined ? {} : named('state', state)),
    ...(pool && { pool }),
  };
}

function archive(key: string): object {
  return named('archive', key);
}

/** A name under another word than `path`; exact bytes in base64 beside it if it is not UTF-8. */
function named(word: string, name: string): object {
  const { path, pathBase64 } = nameToJson(name);
  return { [word]: path, ...(pathBase64 === undefined ? {} : { [`${word}Base64`]: pathBase64 }) };
}
