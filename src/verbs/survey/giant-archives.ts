import { appendWork } from '../../durable/append-work.ts';
import { commonDirectory, joinPath } from '../../model/relative-path.ts';
import { storeKey } from '../../model/store-key.ts';
import { isTarName } from '../../plan/archive-row.ts';
import { partOf } from '../../plan/part-name.ts';
import { type ArchivePlan, planNew, planUnchanged } from '../../plan/plan-archive.ts';
import { bytesOfLine, pathOfLine } from '../../shards/listing-row.ts';
import { signature } from '../../shards/signature.ts';
import { type FateCounts, fateCounter } from './fate-counts.ts';
import type { Grouping } from './grouping.ts';
import type { KnownArchive } from './known-archive.ts';
import { contentBytesOfLines } from './line-bytes.ts';
import type { PartitionContext } from './plan-partition.ts';
import { type SortedRuns, sortedRuns } from './sorted-runs.ts';
import type { WorkBlock } from './work-blocks.ts';

/** An archive of more lines than are held, planned without holding them. */
export interface PlannedGiant {
  readonly plan: ArchivePlan;
  readonly members: number;
  /** The directory that its members have in common; undefined for a plain object. */
  readonly root: string | undefined;
  /** Its members by path, if it is to be made. */
  readonly block: WorkBlock;
}

/** What a partition's giants come to. */
export interface PlannedGiants {
  readonly planned: readonly PlannedGiant[];
  readonly counts: FateCounts;
}

/** Takes the lines of giants to disk, and gives all others on. */
export interface GiantArchives {
  readonly around: Grouping;
  /** Plans what can be planned from its lines alone: what is new, and what has not changed. The lines of all others go where those of small archives went. */
  plan(known: readonly KnownArchive[], context: PartitionContext): PlannedGiants;
}

/** A giant while its lines come in. */
interface Giant {
  readonly runs: SortedRuns;
  readonly rules: Set<number>;
}

/** `names`: the giants of a partition. `path`: what the names of their files begin with. */
export function giantArchives(
  names: ReadonlySet<string>,
  path: string,
  linesHeld: number,
  group: Grouping,
): GiantArchives {
  const giants = new Map<string, Giant>();
  return {
    around: {
      ...group,
      mapped(archive, rule, line) {
        if (!names.has(archive)) {
          group.mapped(archive, rule, line);
          return;
        }
        let giant = giants.get(archive);
        if (giant === undefined) {
          giant = { runs: sortedRuns(`${path}.giant${giants.size}`, linesHeld), rules: new Set() };
          giants.set(archive, giant);
        }
        giant.rules.add(rule);
        giant.runs.add(line);
      },
    },
    plan(known, context) {
      const planned: PlannedGiant[] = [];
      const counter = fateCounter();
      for (const [index, [name, giant]] of [...giants].entries()) {
        const sorted = writtenOut(giant.runs, `${path}.sorted${index}`);
        const plan = planOf(name, sorted, known, context);
        if (plan === undefined) {
          const rules = [...giant.rules];
          let at = 0;
          for (const line of giant.runs.lines()) group.mapped(name, rules[at++ % rules.length]!, line);
          continue;
        }
        counter.add(sorted.counts);
        const { members, root, block } = sorted;
        planned.push({ plan, members, root: isTarName(name) ? root : undefined, block });
      }
      return { planned, counts: counter.counts() };
    },
  };
}

interface SortedGiant {
  readonly block: WorkBlock;
  readonly members: number;
  /** Several names of one file count once. */
  readonly bytes: number;
  readonly counts: FateCounts;
  readonly root: string;
  readonly signature: string;
}

const writeBytes = 1 << 20;

/** Writes the lines out by path, and learns from them what a plan must know. */
function writtenOut(runs: SortedRuns, path: string): SortedGiant {
  const counter = fateCounter();
  const signed = signature();
  let root: string | undefined;
  let text = '';
  let length = 0;
  let members = 0;
  const flush = () => {
    const content = Buffer.from(text, 'utf8');
    appendWork(path, content);
    length += content.length;
    text = '';
  };
  function* seen(): Generator<string> {
    for (const line of runs.lines()) {
      members += 1;
      counter.count('archived', bytesOfLine(line));
      signed.addLine(line);
      const own = pathOfLine(line);
      // Any path below the root stands for all that came before.
      root = commonDirectory(root === undefined ? [own] : [joinPath(root, 'x'), own]);
      text += `${line}\n`;
      if (text.length >= writeBytes) flush();
      yield line;
    }
  }
  const bytes = contentBytesOfLines(seen());
  flush();
  const block = { path, offset: 0, length, carriedLength: 0 };
  return { block, members, bytes, counts: counter.counts(), root: root ?? '', signature: signed.digest() };
}

/** Undefined if more must be looked at than the lines. */
function planOf(
  name: string,
  { members, bytes, signature: own }: SortedGiant,
  known: readonly KnownArchive[],
  { prefix, policy }: PartitionContext,
): ArchivePlan | undefined {
  if (known.some((one) => partOf(one.name)?.name === name)) return undefined;
  const one = known.find((other) => other.name === name);
  if (one === undefined) {
    return planNew({ key: storeKey(prefix + name), name }, bytes, policy);
  }
  const { key, held } = one;
  if (held === undefined || held.damage !== undefined || held.replacedByOthers) return undefined;
  const head = held.manifest?.head;
  const isSame = head?.contentMembers === members && head.signature === own;
  return isSame ? planUnchanged({ key, name, held }) : undefined;
}
