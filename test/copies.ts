import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { connect } from '../src/grid/connect.ts';
import type { CopyEvent } from '../src/grid/copy/copy-event.ts';
import { copyFiles } from '../src/grid/copy/copy-files.ts';
import type { CopyJob, Upload } from '../src/grid/copy/copy-job.ts';
import type { CopyOptions } from '../src/grid/copy/copy-options.ts';
import { type CopyParts, type CopyPartsOptions, copyParts } from '../src/grid/copy/copy-parts.ts';
import { fsPath } from '../src/model/byte-name.ts';
import { type ElementOptions, type GridStand, gridStand } from './grid-stand.ts';

/** A user of a Grid who copies. */
export interface CopyStand {
  readonly grid: GridStand;
  readonly parts: CopyParts;
  /** The folder of the files that are copied. */
  readonly folder: string;
  /** Writes a local file, and gives its path. */
  local(name: string, content: Uint8Array | string): string;
  /** An upload of a new local file into the home. */
  upload(name: string, content: Uint8Array | string, ...where: readonly string[]): Upload;
  /** All that is told of these copies; `see` sees each event when it comes. */
  copy(
    jobs: Iterable<CopyJob> | AsyncIterable<CopyJob>,
    options?: CopyOptions,
    see?: (event: CopyEvent) => void,
  ): Promise<readonly CopyEvent[]>;
}

/** A user with these storage elements. All is stopped when the running test ends. */
export async function copyStand(
  elements: readonly ElementOptions[],
  options: Parameters<typeof gridStand>[1] & { readonly parts?: CopyPartsOptions } = {},
): Promise<CopyStand> {
  const { parts: wanted, ...others } = options;
  const grid = await gridStand(elements, others);
  const parts = await partsOf(grid, wanted);
  const local: CopyStand['local'] = (name, content) => {
    const path = join(grid.temporary, name);
    writeFileSync(fsPath(path), content);
    return path;
  };
  return {
    grid,
    parts,
    folder: grid.temporary,
    local,
    upload(name, content, ...where) {
      return { kind: 'upload', local: local(name, content), lfn: `${homeOf(grid)}/${name}`, where };
    },
    async copy(jobs, how, see) {
      const events: CopyEvent[] = [];
      for await (const event of copyFiles(parts, jobs, how)) {
        see?.(event);
        events.push(event);
      }
      return events;
    },
  };
}

/** The parts over a session of its own, which ends with the running test. */
export async function partsOf(grid: GridStand, options: CopyPartsOptions = {}): Promise<CopyParts> {
  const session = connect({ env: grid.env });
  const parts = await copyParts(session, { env: grid.env, ...options });
  onTestFinished(async () => {
    parts.close();
    await session.close();
  });
  return parts;
}

/** The home directory on the Grid, without a slash at its end. */
export function homeOf({ central }: GridStand): string {
  return `${central.world.organisation}/user/j/jalien`;
}

/** What became of each file, by the last part of its LFN. */
export function ends(events: readonly CopyEvent[]): Readonly<Record<string, CopyEvent>> {
  const last = events.filter(({ kind }) => ['copied', 'present', 'failed'].includes(kind));
  return Object.fromEntries(last.map((event) => [('job' in event ? event.job.lfn : '').split('/').at(-1), event]));
}

/** The names in the home directory on the Grid. */
export function namesIn({ grid }: CopyStand): readonly string[] {
  return grid.central.world.catalogue.children(homeOf(grid)).map(({ path }) => path.split('/').at(-1)!);
}

/** Where journals are kept. */
export function journalsOf({ grid }: CopyStand): string {
  return join(grid.home, '.local/state/stowage/copies');
}

/** The names of the journals that are left. */
export function notesIn(stand: CopyStand): readonly string[] {
  return existsSync(journalsOf(stand)) ? readdirSync(journalsOf(stand)) : [];
}

/** The names of all files that an element holds. */
export function heldBy({ grid }: CopyStand, name: string): readonly string[] {
  const found = readdirSync(grid.element(name).server.data, { recursive: true, withFileTypes: true });
  return found.filter((one) => one.isFile()).map((one) => one.name);
}
