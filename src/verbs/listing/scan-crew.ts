import { availableParallelism } from 'node:os';
import { type Crew, type CrewOptions, crew } from '../../threads/crew.ts';

const usualJobs = 2;

/** The threads that look at the disks, and then read small files: so many, 2 if not said, and never more than there are processors. */
export function scanCrew({ jobs = usualJobs }: { readonly jobs?: number }, options: CrewOptions = {}): Crew {
  return crew(Math.min(jobs, availableParallelism()), options);
}
