import { readFileSync } from 'node:fs';
import { fileError } from '../../errors.ts';
import { displayName, fsPath } from '../../model/byte-name.ts';
import { type JsonNode, lastMembers, readJson } from '../../rules/json-tree.ts';
import { settingsKey } from '../../rules/section.ts';
import { type CompiledMap, compileMap } from './compile-map.ts';
import { logger, standardLog } from './log.ts';
import type { LogOptions } from './validate-configuration.ts';

/** `__config__` as it stands in the file: `JSON.parse` of it. */
export type HpssSettings = Readonly<Record<string, unknown>>;

/**
 * Reads a section of a configuration: its compiled map, and `__config__`. Throws `unavailable` if the file cannot be read, and as `compileMap` does.
 * The configurations that HPSSPy brings with itself are not part of Stowage.
 */
export function filesToHpss(
  hpssMapCache: string,
  section: string,
  { log = standardLog }: LogOptions = {},
): readonly [map: CompiledMap, settings: HpssSettings] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(fsPath(hpssMapCache));
  } catch (error) {
    throw fileError(`cannot read the configuration '${displayName(hpssMapCache)}'`, error, 'give its path');
  }
  const tree = readJson(bytes);
  logger(log, 'hpsspy.scan.files_to_hpss').info(`Found map file ${hpssMapCache}.`);
  const map = compileMap(tree, section);
  return [map, settingsIn(tree)];
}

function settingsIn(tree: JsonNode): HpssSettings {
  const settings = tree.kind === 'object' ? lastMembers(tree.members).get(settingsKey)?.value : undefined;
  return settings?.kind === 'object' ? (plain(settings) as HpssSettings) : {};
}

function plain(node: JsonNode): unknown {
  switch (node.kind) {
    case 'object': {
      // `__proto__` is a key like others.
      const members = [...lastMembers(node.members).values()].map(({ key, value }) => [key, plain(value)]);
      return Object.fromEntries(members);
    }
    case 'array':
      return node.items.map(plain);
    case 'number':
      return Number(node.text);
    case 'null':
      return null;
    default:
      return node.value;
  }
}
