import { objectFacts } from '../object-facts.ts';
import type { Project } from '../project.ts';
import type { RunJournal } from '../run-journal.ts';
import type { HeldObjects } from '../survey/held-objects.ts';
import { readManifest } from '../survey/manifest-place.ts';

/** Remembers what was read from the objects themselves, so that it need not be read again. */
export async function recordAdopted(
  project: Project,
  section: string,
  adopted: HeldObjects['adopted'],
  journal: RunJournal,
): Promise<void> {
  for (const { manifest, object } of adopted) {
    const writer = await journal.open();
    const token = `adopted-${Buffer.from(project.random(8)).toString('hex')}`;
    await writer.addManifest(token, await readManifest(section, manifest));
    const at = project.clock.now().toISOString();
    await writer.add({ kind: 'recorded', token, ...objectFacts(object), level: 'size', at });
    await writer.commit();
  }
}
