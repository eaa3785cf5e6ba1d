import { StowageError } from '../errors.ts';
import { type Graft, type Grafted, graftTree } from './graft-tree.ts';
import type { InitializeOptions, MediaCapacity } from './writer.ts';
import { type XorrisoCommand, type XorrisoOptions, xorriso } from './xorriso.ts';

/** A session that is being put together. */
export interface SessionPlan {
  readonly newDisc: boolean;
  readonly mediaLabel: string | undefined;
  readonly grafts: readonly Graft[];
}

/** What all writers share: a session that is begun, grows by entries and is then written. */
export function sessionPlanner() {
  let plan: SessionPlan | undefined;
  const begun = (): SessionPlan => {
    if (plan === undefined) throw new StowageError('usage', 'no image was begun: call initializeImage first');
    return plan;
  };
  return {
    begun,
    initializeImage({ newDisc, mediaLabel }: InitializeOptions): void {
      plan = { newDisc, mediaLabel, grafts: [] };
    },
    addImageEntry(path: string, graftPoint = ''): void {
      if (!path.startsWith('/')) throw new StowageError('usage', `'${path}' is no absolute path`);
      const at = graftPoint.replace(/^\/+|\/+$/g, '');
      plan = { ...begun(), grafts: [...begun().grafts, { from: path === '/' ? path : path.replace(/\/+$/, ''), at }] };
    },
    setImageNewDisc(newDisc: boolean): void {
      plan = { ...begun(), newDisc };
    },
  };
}

/** The commands that put the grafts of a plan into a session. */
export function graftCommands(plan: SessionPlan): readonly XorrisoCommand[] {
  const label: readonly XorrisoCommand[] = plan.mediaLabel === undefined ? [] : [['-volid', plan.mediaLabel]];
  return [...label, ...plan.grafts.map(({ from, at }): XorrisoCommand => ['-map', from, `/${at}`])];
}

/** What a plan puts on the disc. Throws `refused`, and `usage` for a plan without entries. */
export async function treeOf(
  plan: SessionPlan,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, Grafted>> {
  if (plan.grafts.length === 0) throw new StowageError('usage', 'an image without entries cannot be written');
  return graftTree(plan.grafts, signal);
}

/** The bytes that a session takes on a medium that is opened by this command; nothing is written. */
export async function estimatedBytes(
  open: XorrisoCommand,
  plan: SessionPlan,
  options: XorrisoOptions,
): Promise<number> {
  const { stdout } = await xorriso([open, ...graftCommands(plan), ['-print_size'], ['-rollback_end']], options);
  const blocks = /^Image size\s*:\s*(\d+)s$/m.exec(stdout.toString('latin1'))?.[1];
  if (blocks === undefined) throw new StowageError('program', 'xorriso did not say how large the image will be');
  return Number(blocks) * 2048;
}

/** Throws `full`, with both sizes, if a session does not fit. */
export function requireRoom(estimate: number, capacity: MediaCapacity): void {
  if (estimate <= capacity.available) return;
  throw new StowageError(
    'full',
    `the image (${size(estimate)}) does not fit into what is free (${size(capacity.available)})`,
    {
      hint: 'begin a new disc, or take a larger medium',
      facts: { bytes: estimate, available: capacity.available, total: capacity.total },
    },
  );
}

function size(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [Math.max(bytes, 0), 0];
  for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(2)} ${units[unit]}`;
}
