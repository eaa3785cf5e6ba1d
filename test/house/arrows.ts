/** DESIGN.md's table, as data: which folder may import which. All may import `model` and `errors.ts`. */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  'errors.ts': [],
  'version.ts': ['package.json'],
  'signals.ts': [],
  'quick-stat.ts': [],
  'lean-heaps.ts': [],
  model: [],
  programs: [],
  durable: ['programs'],
  threads: [],
  rules: [],
  store: [],
  pack: ['durable', 'quick-stat.ts'],
  shards: ['durable'],
  scan: ['durable', 'shards', 'threads', 'quick-stat.ts'],
  plan: ['rules'],
  catalog: ['durable', 'shards'],
  hpss: ['programs', 'durable'],
  disc: ['programs', 'durable'],
  // Programs, for extended attributes: Node has no call for them. Threads, for the digests of large files that are to be stored, while others are sent.
  grid: ['durable', 'scan', 'programs', 'threads'],
  stores: ['store', 'pack', 'durable', 'hpss', 'grid', 'disc'],
  pool: [
    ...['programs', 'durable', 'scan', 'pack', 'catalog', 'store', 'disc'],
    // Python's patterns, JSON that knows where it stands, and how problems are told.
    'rules',
    // Files of a peer, written while others come.
    ...['threads', 'quick-stat.ts'],
  ],
  verbs: [
    ...['rules', 'plan', 'scan', 'shards', 'durable', 'threads', 'store', 'pack', 'catalog', 'version.ts'],
    'lean-heaps.ts',
  ],
  report: [],
  // What the verbs do for a section, done for the days of a pool.
  days: ['open.ts', 'verbs', 'report', 'rules', 'plan', 'catalog', 'durable', 'store', 'pool'],
  'open.ts': ['rules', 'stores', 'store', 'catalog', 'version.ts'],
  'dropins/hpsspy': [
    ...['open.ts', 'report', 'verbs', 'rules', 'scan', 'hpss', 'version.ts', 'signals.ts'],
    // HPSSPy's caches: whole files, made from listings, by threads.
    ...['durable', 'shards', 'threads', 'quick-stat.ts'],
  ],
  'dropins/cback3': [
    ...['open.ts', 'report', 'verbs', 'rules', 'scan', 'pool', 'days', 'version.ts'],
    // For its log, and to give actions the real disk.
    'durable',
  ],
  'dropins/alien': [
    ...['open.ts', 'report', 'verbs', 'rules', 'scan', 'grid', 'version.ts', 'lean-heaps.ts'],
    // Its files in the home directory; and what a user runs from it: `!`, pipes, pagers, editors.
    ...['durable', 'programs'],
  ],
  cli: [
    ...[
      'open.ts',
      'report',
      'verbs',
      'rules',
      'store',
      'pool',
      'days',
      'grid',
      'dropins',
      'sandbox/start.ts',
      'version.ts',
      'signals.ts',
    ],
    // For the log of --log-file alone.
    'durable',
  ],
  // To run real storage elements beside the central server.
  sandbox: ['programs'],
  // The public entries.
  'index.ts': ['open.ts', 'verbs', 'plan', 'rules', 'store', 'version.ts'],
  'store-entry.ts': ['store'],
  'rules-entry.ts': ['rules'],
  'hpss-entry.ts': ['hpss', 'dropins/hpsspy'],
  'pool-entry.ts': ['pool', 'days'],
  'disc-entry.ts': ['disc'],
  'grid-entry.ts': ['grid'],
};

/** What these may import for its types alone. */
export const typeArrows: Readonly<Record<string, readonly string[]>> = {
  report: ['verbs', 'pool', 'grid', 'plan', 'rules'],
};

/** Packages that two folders may import, and why: a stand-in that is a server speaks the protocol of its client from the other end. */
export const twoFolders: Readonly<Record<string, readonly string[]>> = { ws: ['grid', 'sandbox'] };

/** Who may change a disk besides durable, by which deed, and why that loses nothing. An exception that nobody needs is a breach. */
export const ownDiskDeeds: Readonly<Record<string, readonly string[]>> = {
  // The stand-ins' own disk: a scratch system loses nothing that anybody needs, and the sandbox imports nothing that it judges.
  'src/sandbox/hpss/system/disk.ts': [
    'chmodSync',
    'linkSync',
    'lutimesSync',
    'mkdirSync',
    'renameSync',
    'rmdirSync',
    'symlinkSync',
    'unlinkSync',
    'writeFileSync',
    'writeSync',
  ],
  // A storage element of the sandbox, written to by its server.
  'src/sandbox/jalien/content.ts': ['chmodSync', 'chownSync', 'mkdirSync', 'renameSync', 'rmSync', 'writeFileSync'],
  // What a scratch central server shows to its clients, and keeps for its next start: made anew if it is lost.
  'src/sandbox/jalien/pem-files.ts': ['mkdirSync', 'writeFileSync'],
  'src/sandbox/jalien/state.ts': ['appendFileSync', 'mkdirSync', 'truncateSync'],
  'src/sandbox/jalien/scratch-grid.ts': ['chmodSync', 'mkdirSync', 'writeFileSync'],
  'src/sandbox/jalien/xrootd.ts': ['chmodSync', 'chownSync', 'mkdirSync', 'writeFileSync'],
  // What a killed rebuild left in a folder of its own: it is made anew from the store.
  'src/verbs/rebuild/rebuild-catalog.ts': ['rm'],
};
