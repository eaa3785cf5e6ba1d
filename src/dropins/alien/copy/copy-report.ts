import type { StowageError } from '../../../errors.ts';
import type { CopyEvent } from '../../../grid/copy/copy-event.ts';
import type { CopyJob } from '../../../grid/copy/copy-job.ts';
import { displayName, displayText } from '../../../model/byte-name.ts';
import type { Outcome } from '../outcome.ts';
import { copyOutcome } from './copy-outcome.ts';
import { type CopyPlan, endsOf } from './copy-plan.ts';
import { copyProgressText, type MovingLine } from './copy-progress.ts';
import { settledCopies } from './settled-copies.ts';

/** Where copying is told. */
export interface ReportParts {
  /** A line of what was asked for. */
  print(text: string): void;
  /** A line for whoever looks. */
  tell(text: string): void;
  readonly line: MovingLine;
  /** A line for each file, as scripts read them. */
  readonly eachFile: boolean;
  /** What became of each file is to be data in the end. */
  readonly asData: boolean;
  /** In milliseconds. */
  now(): number;
}

/** Tells of copies as they go, and what they came to. */
export interface CopyReport {
  /** The jobs in their order, each made when it is asked for. Their events are told here. */
  jobs(): Iterable<CopyJob>;
  event(event: CopyEvent): void;
  /** A user wants it to end. */
  stopping(): void;
  /** `isStopped`: it was ended by a user before all was done. */
  end(isStopped: boolean): Outcome;
}

/** A report of the copies of a plan. */
export function copyReport(plan: CopyPlan, { print, tell, line, eachFile, asData, now }: ReportParts): CopyReport {
  const began = now();
  const total = plan.copies.length;
  const settled = settledCopies(total, asData);
  /** What is under way. */
  const numbers = new Map<CopyJob, number>();
  const hadTrouble = new Set<number>();
  const totalBytes = bytesOf(plan);
  let [files, failed, bytes] = [0, 0, 0];
  /** What was told as moved of files that are not settled. */
  const moved = new Map<number, number>();

  const say = (where: (text: string) => void, text: string): void => {
    line.clear();
    where(text);
  };
  const progress = (): void =>
    line.show(() => copyProgressText({ files, totalFiles: total, failed, bytes, totalBytes }, (now() - began) / 1000));
  const end = (job: CopyJob, index: number, size: number): void => {
    files += 1;
    bytes += size - (moved.get(index) ?? 0);
    moved.delete(index);
    hadTrouble.delete(index);
    numbers.delete(job);
  };

  // Digests come first, and are not told.
  if (total > 0) progress();
  return {
    *jobs() {
      for (let index = 0; index < total; index += 1) {
        const { job } = plan.copies.at(index);
        numbers.set(job, index);
        yield job;
      }
    },
    stopping() {
      say(
        tell,
        'stopping: nothing new is begun, and uploads under way are brought to their end; Ctrl-C again gives them up',
      );
    },
    event(event) {
      if (event.kind === 'settled') {
        say(tell, `${event.lfn === undefined ? '' : `${displayName(event.lfn)}: `}${displayText(event.how)}`);
        return;
      }
      const index = numbers.get(event.job)!;
      const { source, target } = endsOf(event.job);
      const head = `jobID: ${index + 1}/${total} >>>`;
      switch (event.kind) {
        case 'started':
          if (eachFile) say(print, `${head} Start ${displayName(source)} -> ${displayName(target)}`);
          break;
        case 'moved':
          moved.set(index, (moved.get(index) ?? 0) + event.bytes);
          bytes += event.bytes;
          break;
        case 'replica failed':
          hadTrouble.add(index);
          say(tell, `${displayName(source)}: ${event.se}: ${displayText(event.reason.message)}`);
          break;
        case 'no attributes':
          say(tell, `extended attributes are not kept: ${displayText(event.reason.message)}`);
          break;
        case 'copied': {
          const { ms } = event;
          settled.copied(index, event, hadTrouble.has(index));
          end(event.job, index, event.bytes);
          const rate = event.bytes / 1024 ** 2 / (Math.max(ms, 1) / 1000);
          if (eachFile) say(print, `${head} STATUS OK >>> SPEED ${rate.toFixed(2)} MiB/s`);
          break;
        }
        case 'present':
          settled.present(index, event);
          end(event.job, index, event.bytes);
          if (eachFile) say(print, `${head} TARGET VALID (${event.by}) >>> ${displayName(target)}`);
          break;
        case 'failed':
          settled.failed(index, event.reason);
          end(event.job, index, plan.copies.at(index).bytes ?? 0);
          failed += 1;
          if (eachFile) say(print, `${head} STATUS ERROR : ${reasonText(displayName(source), event.reason)}`);
      }
      progress();
    },
    end(isStopped) {
      line.clear();
      const seconds = (now() - began) / 1000;
      return copyOutcome(plan, settled, { isStopped, seconds, asData });
    },
  };
}

/** Undefined where it is not known of each file. */
function bytesOf({ copies }: CopyPlan): number | undefined {
  let sum = 0;
  for (const { bytes } of copies) {
    if (bytes === undefined) return undefined;
    sum += bytes;
  }
  return sum;
}

function reasonText(name: string, { message }: StowageError): string {
  return `${name}: ${displayText(message)}`;
}
