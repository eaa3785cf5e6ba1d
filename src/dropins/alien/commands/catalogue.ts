import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { realFiles } from '../../../durable/real-files.ts';
import { writeWhole } from '../../../durable/whole-file.ts';
import { StowageError } from '../../../errors.ts';
import type { GridSession } from '../../../grid/connect.ts';
import { replicaUrl } from '../../../grid/copy/replica-url.ts';
import { baseOfLfn, isLocalName, localPath } from '../../../grid/lfn.ts';
import type { ClientCommand, Context } from '../client-command.ts';
import { knownNames } from '../copy/known-names.ts';
import { splitPattern } from '../copy/path-pattern.ts';
import { type FindRequest, readFindRequest } from '../find-filter.ts';
import { md5Of } from '../md5-of.ts';
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
  const { directory, pattern } = await whereToLook(context, grid, request);
  const sent = ['-nomsg', '-f', '-a', '-s', ...request.server, directory, pattern];
  const reply = await grid.send('find', sent, sendOptions(context));
  if (reply.exitCode !== 0) return answered(reply);
  const results = reply.results.filter((found) => request.keeps(found, directory));
  if (results.length === 0) return failed(2, `find2: nothing in ${directory} is as asked for`);
  return answered({ ...reply, results }, results.map(({ lfn }) => String(lfn)).join('\n'));
}

/** The directory, with `/` at its end, and a pattern, which may stand in the name: `find2 data/*.root`. */
async function whereToLook(
  context: Context,
  grid: GridSession,
  request: FindRequest,
): Promise<{ readonly directory: string; readonly pattern: string }> {
  const lfn = (await grid.lfn(request.directory)).replace(/\/$/, '');
  const split = splitPattern(lfn);
  const isPlain = split === undefined || (await knownNames(grid, [lfn], sendOptions(context))).has(lfn);
  if (isPlain) return { directory: `${lfn}/`, pattern: request.pattern ?? '*' };
  const other = request.pattern ?? request.given.find((option) => ['-select', '-name'].includes(option));
  if (other !== undefined) {
    throw new StowageError(
      'usage',
      `find2: ${other} and the pattern in '${request.directory}' cannot be used together`,
      {
        facts: { errno: 22 },
      },
    );
  }
  return { directory: `${split.directory.replace(/\/$/, '')}/`, pattern: split.pattern };
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
  const urls = reply.results.map(({ url, envelope }) => replicaUrl({ url: String(url), envelope: String(envelope) }));
  const [first] = reply.results;
  // A member of an archive: XRootD's own client takes it out of there.
  const member = String(first?.url ?? '').split('#')[1];
  const unzip = member === undefined ? '' : `xrdcl.unzip=${member}`;
  if (!flags.has('meta')) {
    return answered(reply, urls.map((url) => quoted(unzip === '' ? url : `${url}&${unzip}`)).join('\n'));
  }
  const file = `${baseOfLfn(lfn)}.meta4`;
  const text = metalink({
    name: baseOfLfn(lfn),
    bytes: String(first?.size ?? ''),
    md5: String(first?.md5 ?? ''),
    urls,
  });
  // It holds envelopes: whoever reads it can read the file.
  await writeWhole(realFiles, resolve(file), text, { replace: false, mode: 0o600 });
  return said(unzip === '' ? resolve(file) : `${resolve(file)}?${unzip}`);
}

/** As a shell takes it for one word, whatever is in it. */
function quoted(url: string): string {
  return `'${url.replaceAll("'", "'\\''")}'`;
}

function withSpecs(name: string): readonly [string, string | undefined] {
  const at = name.indexOf('@');
  return at < 0 ? [name, undefined] : [name.slice(0, at), name.slice(at + 1)];
}

/** Commands about files in the catalogue. */
export const commands: readonly ClientCommand[] = [
  { name: 'pfn', summary: 'print where the replicas of a file lie', usage: ['pfn LFN'], run: pfn },
  {
    name: 'find2',
    summary: 'find files, with filters',
    usage: [
      "find2 [OPTIONS] DIRECTORY, or 'DIRECTORY/*.root'",
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
];
