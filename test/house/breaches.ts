import { dirname, join } from 'node:path/posix';
import ts from 'typescript';
import { arrows, ownDiskDeeds, twoFolders, typeArrows } from './arrows.ts';
import { type Import, importsOf, nodesIn, parse } from './imports.ts';

/** The one file that may skip a test. */
export const skipper = 'test/needing.ts';

const forAll = ['model', 'errors.ts'];
const pure = ['model', 'rules', 'plan'];
/** Modules of Node that neither look, nor wait, nor guess. */
const pureModules = ['node:assert', 'node:buffer', 'node:path', 'node:string_decoder', 'node:util'];
const impureGlobals = ['process', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'performance', 'crypto'];
const emptyWords = ['utils', 'util', 'helpers', 'helper', 'common', 'types', 'core', 'lib', 'misc'];
const skipping = ['skip', 'only', 'todo', 'skipIf', 'runIf'];
/** What changes a disk, with or without `Sync`. A file that must survive goes through durable. */
const writing =
  /^(appendFile|chmod|chown|copyFile|cp|createWriteStream|fchmod|fchown|fdatasync|fsync|ftruncate|futimes|lchown|link|lutimes|mkdir|mkdtemp|rename|rm|rmdir|symlink|truncate|unlink|utimes|write|writeFile|writev)(Sync)?$/;

interface File {
  readonly path: string;
  readonly file: ts.SourceFile;
  readonly imports: readonly Import[];
}

/**
 * What in these files (path from the top of the repository → text) goes against the design, one line each, sorted. Test files may
 * import what they like; everything under `src` else is held to the arrows.
 */
export function breaches(texts: ReadonlyMap<string, string>): readonly string[] {
  const files = [...texts].map(([path, text]) => {
    const file = parse(path, text);
    return { path, file, imports: importsOf(file) };
  });
  const sources = files.filter((one) => one.path.startsWith('src/') && !isTest(one.path));
  const found = [
    ...sources.flatMap(againstArrows),
    ...sources.flatMap(impure),
    ...sources.flatMap(misplaced),
    ...files.filter((one) => one.path.startsWith('src/')).flatMap(emptyName),
    ...files.filter((one) => isTest(one.path) && one.path !== skipper).flatMap(skipped),
    ...sharedPackages(sources),
    ...cycles(sources),
  ];
  return found.sort();
}

function isTest(path: string): boolean {
  return path.startsWith('test/') || path.endsWith('.test.ts') || /(^|\/)test-[^/]*\.ts$/.test(path);
}

/** The line of DESIGN.md's table that a file under src falls under: its folder, or itself at the top. */
function placeOf(path: string): string {
  const parts = path.split('/').slice(1);
  return parts[0] === 'dropins' ? parts.slice(0, 2).join('/') : parts[0]!;
}

function isOwn(from: string): boolean {
  return from.startsWith('.') || from.startsWith('/');
}

function targetOf(path: string, from: string): string {
  return join(dirname(path), from);
}

function againstArrows({ path, imports }: File): string[] {
  const place = placeOf(path);
  const allowed = arrows[place];
  if (allowed === undefined) return [`${path}: '${place}' is not in the table of arrows`];
  return imports.flatMap(({ from, typeOnly }) => {
    if (!isOwn(from)) return [];
    const target = targetOf(path, from);
    const inside = target.startsWith('src/') ? target.slice('src/'.length) : target;
    if (isTest(target)) return [`${path}: imports the test file ${target}`];
    if (target.startsWith('src/') && placeOf(target) === place) return [];
    const may = [...allowed, ...(typeOnly ? (typeArrows[place] ?? []) : []), ...(place === 'errors.ts' ? [] : forAll)];
    if (may.some((one) => inside === one || inside.startsWith(`${one}/`))) return [];
    const hint = !typeOnly && typeArrows[place]?.includes(placeOf(target)) ? ' other than by import type' : '';
    return [`${path}: '${place}' may not import ${inside}${hint}`];
  });
}

/** `model`, `rules` and `plan` have no clock, disk, network or randomness. */
function impure({ path, file, imports }: File): string[] {
  if (!pure.includes(placeOf(path))) return [];
  const modules = imports
    .filter(({ from, typeOnly }) => from.startsWith('node:') && !typeOnly)
    .filter(({ from }) => !pureModules.includes(from.split('/')[0]!))
    .map(({ from }) => `${path}: '${placeOf(path)}' is pure and may not import ${from}`);
  if (path === 'src/model/clock.ts') return modules;
  const deeds = [...nodesIn(file)].map(impureDeed).filter((deed) => deed !== undefined);
  return [...modules, ...deeds.map((deed) => `${path}: '${placeOf(path)}' is pure and may not use ${deed}`)];
}

function impureDeed(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText();
    if (['Date.now', 'Math.random'].includes(text)) return text;
    const [name] = text.split(/[.?[(]/, 1);
    return impureGlobals.includes(name!) && ts.isIdentifier(node.expression) ? name : undefined;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length) return 'new Date()';
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
    return impureGlobals.includes(node.expression.text) ? node.expression.text : undefined;
  }
  return undefined;
}

/** Deeds that have one place: running programs, writing to disks, ending the process. */
function misplaced({ path, file, imports }: File): string[] {
  const place = placeOf(path);
  const found: string[] = [];
  const exceptions = ownDiskDeeds[path] ?? [];
  const deeds = new Set<string>();
  for (const { from, names, typeOnly } of imports) {
    if (/^(node:)?child_process$/.test(from) && place !== 'programs') {
      found.push(`${path}: runs a program by itself; programs/ does that`);
    }
    if (/^(node:)?fs(\/promises)?$/.test(from) && !typeOnly && place !== 'durable') {
      for (const name of names.filter((one) => writing.test(one))) deeds.add(name);
    }
    if (/^(node:)?process$/.test(from) && names.some((name) => ['exit', 'abort', 'reallyExit'].includes(name))) {
      found.push(`${path}: imports exit from ${from}; only src/cli/main.ts ends the process`);
    }
    if (/^(fs|fs\/promises|path|os|child_process|crypto|util|events|stream|buffer|url|process)$/.test(from)) {
      found.push(`${path}: imports ${from} without node:`);
    }
  }
  for (const node of nodesIn(file)) {
    if (!ts.isPropertyAccessExpression(node)) continue;
    const text = node.getText();
    if (/^process\??\.(exit|abort|reallyExit)$/.test(text) && path !== 'src/cli/main.ts') {
      found.push(`${path}: ends the process by ${text}; only src/cli/main.ts does that`);
    }
    if (/^fs(p|Promises)?\.\w+$/.test(text) && writing.test(node.name.text) && place !== 'durable') {
      deeds.add(text);
    }
  }
  for (const deed of deeds) {
    if (!exceptions.includes(deed)) found.push(`${path}: changes the disk by ${deed}; durable/ does that`);
  }
  for (const deed of exceptions) {
    if (!deeds.has(deed)) found.push(`${path}: needs no exception for ${deed} any more`);
  }
  return found;
}

function emptyName({ path }: File): string[] {
  const words = path.split('/').slice(1);
  const word = words.map((part) => part.split('.')[0]!).find((part) => emptyWords.includes(part));
  return word === undefined ? [] : [`${path}: '${word}' says nothing; name it for what it is`];
}

/** Tests that do not run must be so for a reason that CI does not accept: through the skipper alone. */
function skipped({ path, file }: File): string[] {
  return [...nodesIn(file)].flatMap((node) => {
    if (ts.isPropertyAccessExpression(node) && skipping.includes(node.name.text)) {
      return [`${path}: .${node.name.text} outside of ${skipper}`];
    }
    const isOption = ts.isPropertyAssignment(node) && node.initializer.kind === ts.SyntaxKind.TrueKeyword;
    return isOption && skipping.includes(node.name.getText())
      ? [`${path}: { ${node.name.getText()}: true } outside of ${skipper}`]
      : [];
  });
}

function sharedPackages(sources: readonly File[]): string[] {
  const places = new Map<string, Set<string>>();
  for (const { path, imports } of sources) {
    for (const { from } of imports) {
      if (isOwn(from) || from.startsWith('node:')) continue;
      const parts = from.split('/');
      const name = from.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!;
      places.set(name, (places.get(name) ?? new Set()).add(placeOf(path)));
    }
  }
  return [...places]
    .filter(([name, where]) => where.size > 1 && ![...where].every((one) => twoFolders[name]?.includes(one)))
    .map(([name, where]) => `the package ${name} is imported by ${[...where].sort().join(' and ')}; one folder may`);
}

/** Each ring of files that import one another, told once, from its first file. Imports of types count: they bind the readers. */
function cycles(sources: readonly File[]): string[] {
  const edges = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.filter(({ from }) => isOwn(from)).map(({ from }) => targetOf(path, from)),
    ]),
  );
  const done = new Set<string>();
  const trail: string[] = [];
  const rings = new Set<string>();
  const visit = (path: string): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      const ring = trail.slice(start);
      const first = ring.indexOf([...ring].sort()[0]!);
      rings.add([...ring.slice(first), ...ring.slice(0, first), ring[first]].join(' → '));
      return;
    }
    if (done.has(path)) return;
    trail.push(path);
    for (const target of edges.get(path) ?? []) visit(target);
    trail.pop();
    done.add(path);
  };
  for (const path of edges.keys()) visit(path);
  return [...rings].map((ring) => `a ring of imports: ${ring}`);
}
