import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { realFiles } from '../../../durable/real-files.ts';
import { writeWhole } from '../../../durable/whole-file.ts';
import { plainReason, StowageError } from '../../../errors.ts';
import { baseOfLfn, isLocalName, localPath } from '../../../grid/lfn.ts';
import type { ClientCommand, Context } from '../client-command.ts';
import { readFindRequest } from '../find-filter.ts';
import { localCollection } from '../local-collection.ts';
import { metalink } from '../metalink.ts';
import { answered, failed, type Outcome, said } from '../outcome.ts';
import { sendOptions } from '../send-options.ts';

async function pfn(context: Context, args: readonly string[]): Promise<Outcome> {
  const [lfn] = args.filter((arg) => !arg.startsWith('-'));
  if (lfn === undefined) return failed(22, 'pfn: name a file');
  const grid = await context.session();
  const reply = await grid.send('whereis', ['-nomsg', '-r', await grid.lfn(lfn)], sendOptions(context));
  return answered(reply, reply.results.map(({ pfn: one }) => String(one)).join('\n'));
}

async function find2(context: Context, args: readonly string[]): Promise<Outcome> {
  const request = readFindRequest(args);
  const grid = await context.session();
  const directory = `${(await grid.lfn(request.directory)).replace(/\/$/, '')}/`;
  const sent = ['-nomsg', '-f', '-a', '-s', ...request.server, directory, request.pattern];
  const reply = await grid.send('find', sent, sendOptions(context));
  if (reply.exitCode !== 0) return answered(reply);
  const results = reply.results.filter((found) => request.keeps(found, directory));
  if (results.length === 0) return failed(2, `find2: nothing in ${directory} is as asked for`);
  return answered({ ...reply, results }, results.map(({ lfn }) => String(lfn)).join('\n'));
}

async function md5Of(path: string): Promise<string> {
  const hash = createHash('md5');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** `lfn2uri LFN [LOCAL] [meta] [write|upload] [strict] [http]`: the flags may come in any order behind the name. */
async function lfn2uri(context: Context, args: readonly string[]): Promise<Outcome> {
  const [name, ...rest] = args;
  if (name === undefined) return failed(22, 'lfn2uri: name a file');
  const flags = new Set(rest.filter((one) => ['meta', 'write', 'upload', 'strict', 'http'].includes(one)));
  const local = rest.find((one) => !flags.has(one));
  const isWrite = flags.has('write') || flags.has('upload');
  const [bare, specs] = withSpecs(name);
  const grid = await context.session();
  const lfn = await grid.lfn(bare);
  const path = local === undefined ? undefined : resolve(isLocalName(local) ? localPath(local) : local);
  const about = path !== undefined && isWrite ? ['-s', String(statSync(path).size), '-m', await md5Of(path)] : [];
  const options = [...(flags.has('strict') ? ['-f'] : []), ...(flags.has('http') ? ['-u'] : [])];
  const sent = [
    '-nomsg',
    ...options,
    ...about,
    isWrite ? 'write' : 'read',
    lfn,
    ...(specs === undefined ? [] : [specs]),
  ];
  const reply = await grid.send('access', sent, sendOptions(context));
  if (reply.exitCode !== 0) return answered(reply);
  const urls = reply.results.map(({ url, envelope }) => `${url}?xrd.wantprot=unix&authz=${envelope}`);
  if (!flags.has('meta')) return answered(reply, urls.map((url) => `"${url}"`).join('\n'));
  const [first] = reply.results;
  const file = `${baseOfLfn(lfn)}.meta4`;
  const text = metalink({
    name: baseOfLfn(lfn),
    bytes: String(first?.size ?? ''),
    md5: String(first?.md5 ?? ''),
    urls,
  });
  // It holds envelopes: whoever reads it can read the file.
  await writeWhole(realFiles, resolve(file), text, { replace: false, mode: 0o600 });
  return said(file);
}

function withSpecs(name: string): readonly [string, string | undefined] {
  const at = name.indexOf('@');
  return at < 0 ? [name, undefined] : [name.slice(0, at), name.slice(at + 1)];
}

async function toXml(context: Context, args: readonly string[]): Promise<Outcome> {
  if (!args.includes('-local')) return context.server('toXml', args);
  const at = args.indexOf('-x');
  const target = at < 0 ? undefined : args[at + 1];
  const names = args.filter((arg, index) => !arg.startsWith('-') && (at < 0 || index !== at + 1));
  if (names.length === 0) return failed(22, 'toXml -local: name files');
  if (target !== undefined && !isLocalName(target)) return failed(22, 'toXml -local: -x takes file:PATH');
  try {
    const text = await localCollection(
      names.map((name) => resolve(localPath(name))),
      md5Of,
      new Date(),
    );
    if (target === undefined) return said(text.trimEnd());
    await writeWhole(realFiles, resolve(localPath(target)), text, { replace: false });
    return said('');
  } catch (error) {
    if (error instanceof StowageError) throw error;
    return failed(2, `toXml: ${plainReason(error)}: ${(error as { path?: string }).path ?? ''}`);
  }
}

const xmlShape: Omit<ClientCommand, 'name'> = {
  summary: 'write a collection as XML',
  usage: [
    'toXml [OPTIONS] LFN...',
    'Without -local the server does it: -a, -i, -l and -x as there.',
    '-local  the names are files of this machine    -x file:PATH  write it there; nothing is overwritten',
  ],
  run: toXml,
};

/** Commands about files in the catalogue. */
export const commands: readonly ClientCommand[] = [
  { name: 'pfn', summary: 'print where the replicas of a file lie', usage: ['pfn LFN'], run: pfn },
  {
    name: 'find2',
    summary: 'find files, with filters',
    usage: [
      'find2 [OPTIONS] DIRECTORY',
      '-glob P  files that match P (* if not given)    -select RE  whose path matches    -name RE  whose name matches',
      '-name begin_X_contain_Y_ends_Z_ext_E  the same in words; one of -glob, -select, -name',
      '-exclude TEXT  -exclude_re RE  not those with it in their path below DIRECTORY; may be repeated',
      '-minsize BYTES  -maxsize BYTES  -mindepth N  -maxdepth N  files in DIRECTORY itself have depth 0',
      '-min-ctime TIME  -max-ctime TIME  as 2024-03-01, 2024-03-01T12:30 or seconds since 1970',
      '-user NAME  -group NAME  -jobid ID',
      '-j JOBID  -l COUNT  -o OFFSET  -e PATTERN  -S SITE  are done by the server',
      'Exit status 2 if nothing is found.',
    ],
    run: find2,
  },
  {
    name: 'lfn2uri',
    summary: 'print URLs with which XRootD can read or write a file',
    usage: [
      'lfn2uri LFN[@SPECS] [LOCAL] [meta] [write | upload] [strict] [http]',
      'LOCAL with write: the file whose size and MD5 are told to the server',
      'meta: write LFN.meta4 into this directory instead; nothing is overwritten',
      'What is printed is secret for a day: whoever has it can do the same.',
    ],
    run: lfn2uri,
  },
  { name: 'toXml', ...xmlShape },
  { name: '2xml', ...xmlShape },
];
