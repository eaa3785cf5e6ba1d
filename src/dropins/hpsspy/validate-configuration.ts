import { readFileSync } from 'node:fs';
import { plainReason } from '../../errors.ts';
import { fsPath } from '../../model/byte-name.ts';
import { readConfiguration } from '../../rules/configuration.ts';
import { inspectJson, type JsonMember, type JsonNode, lastMembers } from '../../rules/json-tree.ts';
import type { Problem } from '../../rules/problem.ts';
import { excludeKey, schemaKey, settingsKey } from '../../rules/section.ts';
import { type Log, type Logger, logger, standardLog, stowageLogger } from './log.ts';

/** What every function here may be given. */
export interface LogOptions {
  /** Who is told; without it, standard error hears warnings and worse. */
  readonly log?: Log;
}

/** HPSSPy looks for these, warns where one is absent, and fails later. */
const wantedSettings = ['root', 'hpss_root', 'physical_disks'];

/**
 * Checks a configuration file and says what is wrong with it: HPSSPy's line, and then every problem that Stowage finds, with its place. Gives the
 * exit status: 0, or 1 if it cannot be used. What `__config__` lacks is only a warning: maps can be compiled without it.
 */
export function validateConfiguration(config: string, { log = standardLog }: LogOptions = {}): number {
  // Sic: the original uses the logger of another function.
  const hpsspy = logger(log, 'hpsspy.scan.files_to_hpss');
  const ours = logger(log, stowageLogger);
  if (!/[^/.][^/]*\.json$/.test(config)) hpsspy.warning(`${config} might not be a JSON file!`);
  let bytes: Buffer;
  try {
    bytes = readFileSync(fsPath(config));
  } catch (error) {
    hpsspy.critical(`${config} does not exist. Try again.`);
    ours.error(`cannot read ${config}: ${plainReason(error)}`);
    return 1;
  }
  const { root, faults } = inspectJson(bytes);
  if (root === undefined || faults.length > 0) {
    hpsspy.critical(`${config} is not valid JSON.`);
    for (const { line, column, reason } of faults) ours.error(`${config}:${line}:${column}: ${reason}`);
    return 1;
  }
  const { problems } = readConfiguration(bytes, config);
  const errors = problems.filter((one) => one.severity === 'error' && !isAbsentSetting(one, root));
  const settings = warnOfSettings(config, root, hpsspy);
  if (settings && root.kind === 'object') warnOfSections(root.members, errors, hpsspy);
  for (const problem of problems) {
    if (problem.severity === 'warning') ours.info(textOf(config, problem));
    else if (errors.includes(problem)) ours.error(textOf(config, problem));
  }
  return settings && errors.length === 0 ? 0 : 1;
}

/** False if there is no `__config__` at all. */
function warnOfSettings(config: string, root: JsonNode, hpsspy: Logger): boolean {
  const settings = root.kind === 'object' ? lastMembers(root.members).get(settingsKey)?.value : undefined;
  if (settings === undefined) {
    hpsspy.critical(`${config} does not contain a '${settingsKey}' section.`);
    return false;
  }
  const keys = settings.kind === 'object' ? new Set(settings.members.map(({ key }) => key)) : new Set<string>();
  for (const key of settings.kind === 'object' ? wantedSettings : []) {
    if (!keys.has(key)) hpsspy.warning(`${config} '${settingsKey}' section does not contain an entry for '${key}'.`);
  }
  return true;
}

/** As the original: up to the first section with a bad pattern. */
function warnOfSections(members: readonly JsonMember[], errors: readonly Problem[], hpsspy: Logger): void {
  for (const { key: section, value } of lastMembers(members).values()) {
    if (section === settingsKey || section === schemaKey || value.kind !== 'object') continue;
    if (!value.members.some(({ key }) => key === excludeKey)) {
      hpsspy.warning(`Section '${section}' should at least have an '${excludeKey}' entry.`);
    }
    if (errors.some((one) => one.keys[0] === section && /^bad pattern|^the pattern cannot/.test(one.message))) {
      hpsspy.critical(`Regular Expression error detected in section '${section}'!`);
      return;
    }
  }
}

/** What is missing in `__config__`, of which the original only warns. */
function isAbsentSetting({ keys, line, column }: Problem, root: JsonNode): boolean {
  const entry = root.kind === 'object' ? lastMembers(root.members).get(settingsKey) : undefined;
  if (entry === undefined || entry.value.kind !== 'object') return false;
  return keys.length === 1 && keys[0] === settingsKey && line === entry.line && column === entry.column;
}

function textOf(config: string, { line, column, where, message, suggestion }: Problem): string {
  const place = where === '' ? '' : `${where}: `;
  return `${config}:${line}:${column}: ${place}${message}${suggestion === undefined ? '' : ` (${suggestion})`}`;
}
