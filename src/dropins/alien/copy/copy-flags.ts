/** An option of cp. */
export interface CopyFlag {
  /** All its names; the first is the one that is shown. */
  readonly names: readonly string[];
  /** What its value is, if it takes one. */
  readonly value?: string;
  readonly says: string;
  /** What becomes of it: done; accepted, because it is always so; told to change nothing; or refused. */
  readonly kind: 'done' | 'always' | 'told' | 'refused';
}

/** The options of cp, but for those that choose files. Help and documentation are held to this table. */
export const copyFlags: readonly CopyFlag[] = [
  done(['-f', '-force'], 'what is there already is checked by its MD5, as if nothing is said'),
  done(['-fastcheck'], 'what is there already is looked at by size and time only, and not by its MD5'),
  done(
    ['-input'],
    'copy what the lines of FILE name, each SOURCE DESTINATION; `#`, `;` and `//` begin comments',
    'FILE',
  ),
  done(['-dst'], 'everything else that is named is a source, and goes into DIR', 'DIR'),
  done(['-parent'], 'keep the last N directories of the source in the name', 'N'),
  done(['-rmprefix'], 'leave out the first N directories of the source from the name, and keep the others', 'N'),
  done(['-dryrun'], 'say what would be copied, with sizes, and do nothing'),
  done(['-v'], 'on a terminal too, a line for each file'),
  done(['-T'], 'files that are copied at once, 8 if not given', 'N'),
  done(['-S'], 'connections for one file, 1 to 15; 1 if not given', 'N'),
  done(['-y'], 'replicas that one file is read from at once, 1 if not given', 'N'),
  done(['-chunks'], 'requests under way for one file, 4 if not given', 'N'),
  done(['-chunksz'], 'length of one request, 4194304 if not given; 4M is the same', 'BYTES'),
  done(['-timeout'], 'the most seconds for one file; as long as something moves, if not given', 'S'),
  done(
    ['-retry'],
    'how often other places are tried for an upload that failed, or all replicas again for a download; 2 if not given',
    'N',
  ),
  done(['-norecovery'], 'the same as -retry 0'),
  done(['-ratethreshold'], 'give up a transfer that is slower than so many bytes a second for another replica', 'B'),
  done(['-strictspec'], 'only the storage elements that are named, and no others'),
  done(['-site'], 'ask as from SITE: the storage elements near it come first', 'SITE'),
  done(['-noxrdzip'], 'fetch whole archives and take the members out here'),
  done(['-j'], 'of a directory of the Grid: only files that the job made', 'JOBID'),
  done(['-l'], 'of a directory: only so many files', 'COUNT'),
  done(['-o'], 'of a directory: leave out so many files first', 'OFFSET'),
  done(['-e'], 'of a directory of the Grid: not what matches, as the server finds', 'PATTERN'),
  { names: ['-P'], kind: 'always', says: 'a file that was not closed in order is removed by its storage element' },
  { names: ['-cksum'], kind: 'always', says: 'every file is checked by its MD5' },
  { names: ['-a'], kind: 'always', says: 'files whose names begin with a dot are copied too' },
  { names: ['-skipmd5'], kind: 'told', says: 'every file is checked by its MD5 all the same' },
  { names: ['-xrdcp'], kind: 'told', says: 'there is one way of copying here, and it needs no xrdcp' },
  { names: ['-d'], kind: 'told', says: '`alien.py -debug` writes a log' },
  { names: ['-http'], kind: 'refused', says: 'storage elements are spoken to by XRootD only' },
  {
    names: ['-tpc'],
    kind: 'refused',
    says: 'storage elements do not copy among themselves here; `mirror` makes replicas',
  },
];

/** The option of this name. */
export function copyFlag(name: string): CopyFlag | undefined {
  return copyFlags.find(({ names }) => names.includes(name));
}

function done(names: readonly string[], says: string, value?: string): CopyFlag {
  return { names, kind: 'done', says, ...(value === undefined ? {} : { value }) };
}
