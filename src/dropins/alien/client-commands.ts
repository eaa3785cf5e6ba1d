import type { ClientCommand, OwnCommands } from './client-command.ts';

type Group = { readonly commands: readonly ClientCommand[] };
type Load = () => Promise<Group>;

const credentials: Load = () => import('./commands/credentials.ts');
const navigation: Load = () => import('./commands/navigation.ts');
const session: Load = () => import('./commands/session.ts');
const catalogue: Load = () => import('./commands/catalogue.ts');
const collections: Load = () => import('./commands/collections.ts');
const gridState: Load = () => import('./commands/grid-state.ts');
const network: Load = () => import('./commands/network.ts');
const storage: Load = () => import('./commands/storage.ts');
const content: Load = () => import('./commands/content.ts');
const cp: Load = () => import('./commands/cp.ts');
const removing: Load = () => import('./commands/removing.ts');
const moving: Load = () => import('./commands/moving.ts');
const editing: Load = () => import('./commands/editing.ts');
const help: Load = () => import('./commands/help.ts');

/** Where each of our own commands lies. A command's file is read when it is called. */
const places: Readonly<Record<string, Load>> = {
  'cert-info': credentials,
  'token-info': credentials,
  'cert-verify': credentials,
  'token-verify': credentials,
  'certkey-match': credentials,
  'tokenkey-match': credentials,
  'token-destroy': credentials,
  'token-init': credentials,
  token: credentials,
  getCAcerts: credentials,
  cd: navigation,
  pushd: navigation,
  popd: navigation,
  dirs: navigation,
  home: navigation,
  ls: navigation,
  ll: navigation,
  la: navigation,
  lla: navigation,
  prompt: session,
  exitcode: session,
  '$?': session,
  exit: session,
  quit: session,
  logout: session,
  version: session,
  time: session,
  user: session,
  ping: session,
  rm: removing,
  rmdir: removing,
  mv: moving,
  pfn: catalogue,
  find2: catalogue,
  lfn2uri: catalogue,
  toXml: collections,
  '2xml': collections,
  getSE: gridState,
  SEqos: gridState,
  getCE: gridState,
  siteJobs: gridState,
  jobInfo: gridState,
  ps: gridState,
  submit: gridState,
  quota: gridState,
  checkAddr: network,
  queryML: network,
  ccdb: network,
  cp,
  cat: content,
  less: content,
  more: content,
  edit: editing,
  vi: editing,
  vim: editing,
  nano: editing,
  mcedit: editing,
  run: content,
  exec: content,
  'pfn-status': storage,
  xrd_ping: storage,
  xrd_config: storage,
  xrd_stats: storage,
  help,
  '?': help,
};

/** Our own commands. The file of one is read when it is asked for. */
export const clientCommands: OwnCommands = {
  names: Object.keys(places),
  async find(name) {
    const load = Object.hasOwn(places, name) ? places[name] : undefined;
    return load === undefined ? undefined : (await load()).commands.find((one) => one.name === name);
  },
  async all() {
    const groups = await Promise.all([...new Set(Object.values(places))].map((load) => load()));
    return groups.flatMap(({ commands }) => commands);
  },
};
