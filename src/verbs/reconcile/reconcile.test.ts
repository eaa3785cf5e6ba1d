import { copyFileSync, readFileSync, rmSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { openSmall, put, type SmallProject, section, smallProject } from '../../../test/small-project.ts';
import { archived, type Told, told } from '../../../test/told.ts';
import { lookAtTree } from '../../../test/tree.ts';
import type { Store } from '../../store/store.ts';
import type { Project } from '../project.ts';
import { verify } from '../verify/verify.ts';
import { reconcile } from './reconcile.ts';

let small: SmallProject;

beforeEach(async () => {
  small = smallProject(await scratchFolder());
  expect((await archived(await openSmall(small))).status).toBe(0);
});

async function reconciled(options: { readonly brake?: number; readonly store?: (inner: Store) => Store } = {}) {
  const project = await openSmall(small);
  const store = options.store?.(project.store) ?? project.store;
  return told(reconcile({ ...project, store }, section, { brake: options.brake ?? 1 }));
}

/** What the summary says: kind and count, and the bytes where they are told. */
function summary({ events }: Told) {
  const all = events.flatMap((event) => (event.kind === 'reconciled' ? [event] : []));
  expect(all).toHaveLength(1);
  return all[0]!.differences.map(({ difference, count, bytes }) => [difference, count, bytes] as const);
}

/** What is told one by one: kind, and what it is about. */
function details({ events }: Told): readonly string[] {
  return events.flatMap((event) => {
    if (event.kind === 'due') return [`due ${event.plan.key}`];
    if (event.kind !== 'finding') return [];
    const { finding } = event;
    const about = 'path' in finding ? finding.path : 'archive' in finding ? finding.archive : undefined;
    return [about === undefined ? finding.kind : `${finding.kind} ${about}`];
  });
}

const vault = (name: string) => join(small.vault, section, name);

function configured(change: (rules: Record<string, Record<string, string>>) => void): void {
  const all = JSON.parse(readFileSync(small.config, 'utf8'));
  change(all[section]);
  writeFileSync(small.config, JSON.stringify(all));
}

test('after an archive run all agree, and that is exit 0', async () => {
  const one = await reconciled({ brake: 0 });
  expect([one.error, one.status, summary(one), details(one)]).toEqual([undefined, 0, [], []]);
  expect(one.events[0]).toMatchObject({ kind: 'reconciled', recorded: 4, listed: 4 });
});

interface Case {
  readonly what: string;
  readonly make: () => unknown;
  readonly summary: readonly (readonly [kind: string, count: number, bytes?: number])[];
  readonly details: readonly string[];
  readonly status?: number;
}

const tarBytes = expect.any(Number);

describe('each kind of difference is counted, told and exit 1', () => {
  test.each<Case>([
    {
      what: 'an archive is missing',
      make: () => put(small, 'raw/9/x', 'x'.repeat(50)),
      summary: [['missing', 1, 50]],
      details: ['due data/raw_9.tar'],
    },
    {
      what: 'a file has changed since',
      make: () => put(small, 'raw/2/empty', 'now it is not', 1),
      summary: [['changed', 1, 20_013]],
      details: ['due data/raw_2.tar'],
    },
    {
      what: 'an archive is lost from the store',
      make: () => unlinkSync(vault('raw_2.tar')),
      summary: [['lost', 1, tarBytes]],
      details: ['lost data/raw_2.tar', 'due data/raw_2.tar'],
    },
    {
      what: 'an archive is lost, and a file of it is gone',
      make() {
        unlinkSync(vault('raw_2.tar'));
        rmSync(join(small.tree, 'raw/2/a.fits'));
      },
      summary: [
        ['lost', 1, tarBytes],
        ['withheld', 1, undefined],
        ['gone', 1, 20_000],
      ],
      details: ['withheld data/raw_2.tar', 'gone raw/2/a.fits', 'lost data/raw_2.tar'],
    },
    {
      what: 'somebody wrote an archive anew',
      make: () => writeFileSync(vault('raw_2.tar'), readFileSync(vault('raw_2.tar'))),
      summary: [['altered', 1, tarBytes]],
      details: ['altered data/raw_2.tar'],
    },
    {
      what: 'an archive is known to be damaged',
      async make() {
        truncateSync(vault('raw_2.tar'), 700);
        await told(verify(await openSmall(small), { level: 'size' }));
      },
      summary: [['damaged', 1, 20_000]],
      details: ['due data/raw_2.tar'],
    },
    {
      what: 'somebody copied an archive in the store',
      make: () => copyFileSync(vault('raw_2.tar'), vault('raw_7.tar')),
      summary: [['unexplained', 1, tarBytes]],
      details: ['unexplained data/raw_7.tar'],
    },
    {
      what: 'nothing explains an object',
      make: () => writeFileSync(vault('-- "stray\n'), 'stray'),
      summary: [['unexplained', 1, 5]],
      details: ['unexplained data/-- "stray\n'],
    },
    {
      what: 'no rule maps a file',
      make: () => put(small, 'other/x', 'xyz'),
      summary: [['unmapped', 1, 3]],
      details: ['unmapped other/x'],
    },
    {
      what: 'two rules map a file',
      make: () =>
        configured((rules) => {
          rules.raw!['raw/2/a.*$'] = 'other.tar';
        }),
      summary: [['ambiguous', 1, 20_000]],
      details: ['ambiguous raw/2/a.fits'],
    },
    {
      what: 'two files are mapped to one plain object',
      make() {
        put(small, 'OTHER.md', 'other');
        configured((rules) => {
          rules.__top__ = { '[^/]+\\.md$': 'README.md' };
        });
      },
      summary: [['plain-clash', 2, undefined]],
      details: ['plain-clash OTHER.md', 'plain-clash README.md'],
    },
    {
      what: 'a file cannot be archived as it is mapped',
      make: () => symlinkSync('README.md', join(small.tree, 'LINK.md')),
      summary: [['refused', 1, expect.any(Number)]],
      details: ['refused LINK.md'],
    },
    {
      what: 'a file is gone from disk',
      make: () => rmSync(join(small.tree, 'raw/1/b.fits')),
      summary: [['gone', 1, 3000]],
      details: ['gone raw/1/b.fits'],
    },
    {
      what: 'the record is lost',
      make: () => rmSync(small.state, { recursive: true }),
      summary: [
        ['unrecorded', 4, tarBytes],
        ['unknown-runs', 1, undefined],
      ],
      details: [
        'unknown-runs',
        ...['README.md', 'calib/flat.tar', 'raw_1.tar', 'raw_2.tar'].map((n) => `unrecorded data/${n}`),
      ],
    },
  ])('$what', async ({ make, summary: expected, details: each, status = 1 }) => {
    await make();
    const store = lookAtTree(small.vault);
    const tree = lookAtTree(small.tree);
    const one = await reconciled();
    expect(one.error).toBeUndefined();
    expect(summary(one)).toEqual(expected.map(([kind, count, bytes]) => [kind, count, bytes]));
    expect(details(one)).toEqual(each);
    expect(one.events[0]?.kind).toBe('reconciled');
    const isDue = one.events.some((event) => event.kind === 'due');
    expect(isDue ? 1 : one.status).toBe(status);
    expect([lookAtTree(small.vault), lookAtTree(small.tree)]).toEqual([store, tree]);
  });
});

/** Does something between the first listing of the section and the second. */
function between(act: () => unknown): (inner: Store) => Store {
  return (inner) => {
    let listings = 0;
    return {
      ...inner,
      async *list(prefix, options) {
        if (prefix === `${section}/`) listings += 1;
        if (prefix === `${section}/` && listings === 2) await act();
        yield* inner.list(prefix, options);
      },
    };
  };
}

describe('a store that changes between the two listings', () => {
  test.each<readonly [string, () => void, string]>([
    ['went', () => unlinkSync(vault('raw_2.tar')), 'data/raw_2.tar'],
    ['came', () => writeFileSync(vault('stray'), 'x'), 'data/stray'],
    ['changed', () => writeFileSync(vault('raw_2.tar'), 'other'), 'data/raw_2.tar'],
  ])('what %s is told to be in motion, and not judged', async (what, act, archive) => {
    const one = await reconciled({ store: between(act) });
    expect(one.error).toBeUndefined();
    expect(one.status).toBe(4);
    expect(details(one)).toEqual([`in-motion ${archive}`]);
    expect(one.events).toContainEqual(
      expect.objectContaining({ finding: expect.objectContaining({ kind: 'in-motion', what }) }),
    );
    // Looked at again, it is judged.
    expect((await reconciled()).status).not.toBe(4);
  });

  test('a run that archives meanwhile makes no difference of what it made', async () => {
    put(small, 'raw/3/new.fits', 'new');
    put(small, 'raw/1/a.fits', 'changed', 1);
    const one = await reconciled({ store: between(async () => archived(await openSmall(small))) });
    expect(details(one)).toEqual(['in-motion data/raw_1.tar', 'in-motion data/raw_3.tar']);
    expect(summary(await reconciled())).toEqual([]);
  });

  test('an object that a run published and records after the store was listed first is in motion', async () => {
    put(small, 'raw/3/new.fits', 'new');
    const project = await openSmall(small);
    const first = archiving(project);
    const one = await reconciled({ store: first });
    expect(one.error).toBeUndefined();
    expect(details(one)).toEqual(['in-motion data/raw_3.tar']);
  });
});

/** Archives after the record was read and before the store is listed first. */
function archiving(project: Project): (inner: Store) => Store {
  return (inner) => {
    let done = false;
    return {
      ...inner,
      async *list(prefix, options) {
        if (!done) {
          done = true;
          await archived(project);
        }
        yield* inner.list(prefix, options);
      },
    };
  };
}

describe('the brake', () => {
  const held = (one: Told, text: string) => {
    expect(one.error).toMatchObject({ code: 'unavailable', message: expect.stringContaining(text) });
    expect([one.status, one.events]).toEqual([4, []]);
  };

  test('an empty store is not believed', async () => {
    rmSync(join(small.vault, section), { recursive: true });
    held(await reconciled({ brake: 0.05 }), '4 of 4 recorded archives');
  });

  test('a store that is emptied after it was listed first is not believed', async () => {
    const act = () => rmSync(join(small.vault, section), { recursive: true });
    held(await reconciled({ brake: 0.05, store: between(act) }), '4 of 4 recorded archives');
  });

  test('a store that lacks few archives and many bytes is not believed', async () => {
    unlinkSync(vault('raw_2.tar'));
    held(await reconciled({ brake: 0.25 }), 'recorded bytes');
  });

  test('an empty disk is not believed', async () => {
    rmSync(join(small.tree, 'raw'), { recursive: true });
    const one = await reconciled({ brake: 0.5 });
    held(one, 'recorded files are gone');
    expect(one.error).toMatchObject({ hint: expect.stringContaining('--brake') });
  });

  test('just as much as the brake permits is believed, and with 100% all of it', async () => {
    unlinkSync(vault('README.md'));
    expect(details(await reconciled({ brake: 0.25 }))).toContain('lost data/README.md');
    held(await reconciled({ brake: 0.24 }), '1 of 4 recorded archives');
    rmSync(join(small.vault, section), { recursive: true });
    expect(summary(await reconciled({ brake: 1 }))[0]).toEqual(['lost', 4, tarBytes]);
  });
});

test('a section that there is not is told as such', async () => {
  const project = await openSmall(small);
  expect((await told(reconcile(project, 'none', { brake: 1 }))).status).toBe(3);
});
