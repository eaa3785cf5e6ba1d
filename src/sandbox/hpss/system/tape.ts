import { readFileSync } from 'node:fs';
import { type Attributes, attributesOf, type HeldObject, setAttributes, type TapePlace } from './attributes.ts';
import { locked, writeOwnFile } from './disk.ts';
import { place, type System } from './system.ts';

/** What the tapes hold and what the drives did, in `tape.json`. */
interface Library {
  /** How many files were ever written to tape. */
  readonly written: number;
  /** How many cartridges were begun. */
  readonly begun: number;
  /** The cartridges that are being filled, one for each of `tapesAtOnce`. */
  readonly filling: readonly Filling[];
  /** What is in the drives, the one used last at the end. */
  readonly mounted: readonly string[];
  readonly mounts: number;
  /** Seconds that all of it would have taken. */
  readonly seconds: number;
}

interface Filling {
  readonly cartridge: string;
  readonly section: number;
  readonly offset: number;
  readonly bytes: number;
}

const empty: Library = { written: 0, begun: 0, filling: [], mounted: [], mounts: 0, seconds: 0 };
const firstCartridge = 352_700;
/** A mark on tape comes behind so many bytes: then a new section begins. */
const sectionBytes = 2 ** 20;

/** What the drives did so far. */
export function tapeUse(system: System): { readonly mounts: number; readonly seconds: number } {
  const { mounts, seconds } = readLibrary(system);
  return { mounts, seconds };
}

/** Copies a file to tape, behind what was written last to the cartridge whose turn it is. An empty file has no place there. */
export function migrate(system: System, object: HeldObject): void {
  if (object.bytes === 0 || !system.disk.isReal) return;
  const attributes = attributesOf(system, object);
  if (attributes.tape !== undefined) return;
  const tape = change(system, (library) => nextPlace(system, library, object.bytes));
  setAttributes(system, object, { tape });
}

/** Removes a file from the disk cache. False if it is not on tape, so that this would lose it. */
export function purge(system: System, object: HeldObject): boolean {
  if (object.bytes === 0) return true;
  if (attributesOf(system, object).tape === undefined) return false;
  setAttributes(system, object, { onDisk: false });
  return true;
}

/** Counts the time that reading so many bytes of a file takes: a mount if its tape is in no drive; nothing from the disk cache. */
export function readFromTape(system: System, attributes: Attributes, bytes: number): void {
  const { tape } = attributes;
  if (attributes.onDisk || tape === undefined) return;
  const seconds = change(system, (library) => {
    const { drives, mountSeconds, bytesPerSecond } = system.settings;
    const there = library.mounted.includes(tape.cartridge);
    const mounted = [...library.mounted.filter((one) => one !== tape.cartridge), tape.cartridge].slice(-drives);
    const mounts = library.mounts + (there ? 0 : 1);
    const took = (there ? 0 : mountSeconds) + bytes / bytesPerSecond;
    return [{ ...library, mounted, mounts, seconds: library.seconds + took }, took];
  });
  wait(system, seconds);
}

/** Brings a file into the disk cache. */
export function stage(system: System, object: HeldObject): void {
  const attributes = attributesOf(system, object);
  if (attributes.onDisk) return;
  readFromTape(system, attributes, object.bytes);
  setAttributes(system, object, { onDisk: true });
}

/** Counts time, and really waits the part of it that the settings ask for. */
export function spend(system: System, seconds: number): void {
  change(system, (library) => [{ ...library, seconds: library.seconds + seconds }, undefined]);
  wait(system, seconds);
}

function wait({ settings }: System, seconds: number): void {
  const ms = seconds * settings.realSecondsPerSecond * 1000;
  if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function nextPlace({ settings }: System, library: Library, bytes: number): readonly [Library, TapePlace] {
  const { tapesAtOnce, cartridgeBytes } = settings;
  const turn = library.written % tapesAtOnce;
  const there = library.filling[turn];
  const isNew = there === undefined || (there.bytes > 0 && there.bytes + bytes > cartridgeBytes);
  const filling = isNew ? { cartridge: cartridgeName(library.begun), section: 1, offset: 0, bytes: 0 } : there;
  const { cartridge, section, offset } = filling;
  const end = offset + bytes;
  const after = end >= sectionBytes ? { section: section + 1, offset: 0 } : { section, offset: end };
  const all = [...library.filling];
  all[turn] = { cartridge, ...after, bytes: filling.bytes + bytes };
  const begun = library.begun + (isNew ? 1 : 0);
  return [
    { ...library, written: library.written + 1, begun, filling: all },
    { cartridge, section, offset },
  ];
}

function cartridgeName(number: number): string {
  return `X${String(firstCartridge + number * 100).padStart(7, '0')}`;
}

function change<T>(system: System, work: (library: Library) => readonly [Library, T]): T {
  return locked(place(system, 'tape.lock'), () => {
    const [library, result] = work(readLibrary(system));
    writeOwnFile(place(system, 'tape.json'), JSON.stringify(library));
    return result;
  });
}

function readLibrary(system: System): Library {
  try {
    return JSON.parse(readFileSync(place(system, 'tape.json'), 'utf8')) as Library;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return empty;
    throw error;
  }
}
