import { StowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { unsafePath } from '../../model/relative-path.ts';
import { readTarStream } from '../../pack/tar-stream.ts';
import { indicators } from '../indicators.ts';
import {
  defaultCollectIndicator,
  defaultStageIndicator,
  type IncomingEntry,
  isMastersOwn,
  notCollected,
  type PeerSession,
} from './peer.ts';
import { readDigests, readListing } from './peer-listing.ts';
import {
  abilitiesOf,
  askAbilities,
  askDigests,
  askDigestsBeside,
  askIndicator,
  askLines,
  askList,
  askReadiness,
  askTar,
  insideOf,
  statusSign,
} from './remote-script.ts';
import { type Answer, type AskOptions, lastLine, type RemoteShell } from './remote-shell.ts';
import type { SessionEar } from './session-ear.ts';

/** What a slow peer reads and hashes in a second, with room to spare: hashing says nothing until it is done. */
const slowBytesPerSecond = 20_000_000;

type Later = (options?: AskOptions) => Promise<Answer>;

const notReady: Readonly<Record<string, string>> = {
  closed: 'its collect directory cannot be entered',
  absent: 'it has no such collect directory',
  waiting: notCollected,
};

/** A peer over its shell. Closing it closes the shell. */
export async function remoteSession(
  name: string,
  collectDir: string,
  shell: RemoteShell,
  silenceMs: number,
): Promise<PeerSession> {
  const inside = (command: Uint8Array | string) => insideOf(collectDir, command);
  const abilities = abilitiesOf((await shell.ask(askAbilities)).stdout.toString('latin1'));

  /** The answers of what was begun behind the files, in this order. */
  const ahead: { list?: Later | undefined; digests?: Later | undefined; areBeside?: boolean } = {};

  const done = (answer: Answer, what: string, most = 0): Answer => {
    if (answer.status <= most) return answer;
    throw new StowageError(
      'unavailable',
      `peer '${displayName(name)}' ${what}: ${lastLine(answer.stderr) || `status ${answer.status}`}`,
      {
        facts: { peer: name, status: answer.status, stderr: answer.stderr },
      },
    );
  };
  return {
    async readiness(indicator = defaultCollectIndicator) {
      const { stdout } = await shell.ask(askReadiness(collectDir, indicator));
      const word = stdout.toString('latin1').trim();
      return word === 'ready'
        ? { state: 'ready' }
        : { state: 'not-ready', reason: notReady[word] ?? `it says '${displayName(word)}'` };
    },
    async list() {
      const answer = await (ahead.list?.() ?? shell.ask(inside(askList(abilities))));
      ahead.list = undefined;
      return readListing(done(answer, 'cannot list all of its collect directory').stdout, abilities.gnuFind);
    },
    async fetch(wanted, take) {
      // Status 1 of a tar: something changed while it was read. Who compares digests sees what.
      const most = abilities.tar === 'gnu' ? 1 : 0;
      const { digest } = abilities;
      // What is asked for in any case: the list when all is sent, the digests meanwhile, where that can be.
      const isBeside = digest !== undefined && abilities.holds;
      const next = [askList(abilities), ...(digest === undefined || isBeside ? [] : [askDigests(digest)])].map(inside);
      const beside = isBeside ? askDigestsBeside(digest) : undefined;
      const atOnce = beside === undefined ? {} : { beside: { ...beside, command: inside(beside.command) } };
      const answer = await shell.stream(inside(askTar(abilities, wanted)), (ear) => takeAll(ear, take), {
        next,
        ...atOnce,
      });
      done(answer, 'cannot send all of its files', most);
      [ahead.list, ahead.digests] = answer.later;
      ahead.areBeside = isBeside;
    },
    async digests(bytes) {
      if (abilities.digest === undefined) return undefined;
      const silence = { silenceMs: silenceMs + (bytes / slowBytesPerSecond) * 1000 };
      const { digests, areBeside } = ahead;
      ahead.digests = undefined;
      const what = 'cannot read all of its files';
      if (digests !== undefined) {
        const { stdout } = done(await digests(silence), what);
        const known = areBeside ? withoutStatus(stdout) : stdout;
        if (known !== undefined) return readDigests(known);
      }
      return readDigests(done(await shell.ask(inside(askDigests(abilities.digest)), silence), what).stdout);
    },
    async writeStageIndicator(indicator = defaultStageIndicator) {
      done(await shell.ask(inside(askIndicator(indicator))), `cannot write its '${displayName(indicator)}'`);
    },
    async writeReceipt(lines) {
      const { stored } = indicators;
      done(await shell.ask(inside(askLines(stored, lines))), `cannot write its '${stored}'`);
    },
    close: () => shell.close(),
  };
}

/** Digests that were computed beside other commands; undefined if that did not end well. */
function withoutStatus(answer: Buffer): Buffer | undefined {
  const end = Buffer.from(`${statusSign}0\0`);
  return answer.subarray(-end.length).equals(end) ? answer.subarray(0, -end.length) : undefined;
}

async function takeAll(ear: SessionEar, take: (entry: IncomingEntry) => Promise<void>): Promise<void> {
  for await (const { item, content, whole } of readTarStream(ear)) {
    const path = item.kind === 'member' ? item.member.path : item.path;
    // The directory itself, which is ours.
    if (path === '' || isMastersOwn(path)) continue;
    const problem = unsafePath(path);
    if (problem !== undefined) throw refused(path, problem);
    if (item.kind === 'foreign') throw refused(path, `it is ${item.what}`);
    const { type, bytes, mtimeNs, mode, target, hardLink } = item.member;
    await take({
      ...{ path, type, bytes, mtimeNs, mode, content, whole },
      ...(target === undefined ? {} : { target }),
      ...(hardLink === undefined ? {} : { hardLink }),
    });
  }
}

function refused(path: string, why: string): StowageError {
  return new StowageError('refused', `'${displayName(path)}' cannot be staged: ${why}`, { facts: { path } });
}
