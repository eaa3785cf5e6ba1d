import type { Entry } from '../catalogue.ts';
import { type Call, type ServerCommand, usage } from '../command.ts';
import { contentOf } from '../content.ts';
import { longTime, timestamp } from '../texts.ts';
import { recordOf } from './find.ts';

const cat: ServerCommand = {
  shape: { flags: ['n', 'o', 'b', 'E'] },
  least: 1,
  usage: usage('cat  [-options] <filename>', ['-n', 'number output lines'], ['-E', 'display $ at end of each line']),
  run(call) {
    const { reply, options } = call;
    for (const given of call.args) {
      const text = textOf(call, given);
      if (text === undefined) {
        reply.fail(121, `Not able to get the file: ${given}`);
        continue;
      }
      for (const [index, line] of text.replace(/\n$/, '').split('\n').entries()) {
        const value = `${line}${options.has('E') ? '$' : ''}`;
        if (options.has('n')) reply.set('count', index + 1);
        reply.set('value', value);
        reply.print(options.has('n') ? `${index + 1}  ${value}` : value);
        reply.next();
      }
    }
  },
};

function textOf(call: Call, given: string): string | undefined {
  const entry = call.entry(given);
  return entry === undefined ? undefined : contentOf(call.world, entry)?.toString('utf8');
}

const grep: ServerCommand = {
  shape: { flags: ['i', 'n', 'v', 'l'] },
  least: 2,
  usage: usage('grep [-options] <pattern> <file> ...', ['-i', 'ignore case'], ['-n', 'number lines'], ['-v', 'invert']),
  run(call) {
    const { reply, options } = call;
    const [pattern, ...files] = call.args;
    const expression = new RegExp(pattern!, options.has('i') ? 'i' : '');
    for (const given of files) {
      const lines = textOf(call, given)?.replace(/\n$/, '').split('\n');
      if (lines === undefined) reply.fail(121, `Not able to get the file: ${given}`);
      for (const [index, line] of (lines ?? []).entries()) {
        if (expression.test(line) === options.has('v')) continue;
        reply.print(`${options.has('n') ? `${index + 1}:` : ''}${line}`);
      }
    }
  },
};

const toXml: ServerCommand = {
  shape: { flags: ['i', 'a'], values: ['x', 'l'] },
  usage: usage('toXml   [-i] [-x xml_file_name] [-a] [-l list_from] [lfns]', ['-i', 'ignore missing entries']),
  run(call) {
    const { reply, world, session, options } = call;
    const found: Entry[] = [];
    for (const given of call.args) {
      const entry = call.entry(given);
      if (entry !== undefined) found.push(entry);
      else if (!options.has('i')) reply.fail(2, given);
    }
    const events = found.map((entry, index) => {
      const attributes = Object.entries(attributesOf(call, entry)).map(([key, value]) => `${key}="${escaped(value)}"`);
      return `    <event name="${index + 1}">\n      <file ${attributes.join(' ')} />\n    </event>\n`;
    });
    const now = world.now();
    const info = `command="${escaped(call.args.join(' '))}" creator="${session.role}" date="${longTime(now)}" timestamp="${now}"`;
    reply.print(
      `<?xml version="1.0"?>\n<alien>\n  <collection name="tempCollection">\n${events.join('')}    <info ${info} />\n  </collection>\n</alien>`,
    );
  },
};

function attributesOf({ world }: Call, entry: Entry): Record<string, string> {
  const { name, aclId, broken, dir, entryId, expiretime, guidtime, replicated } = recordOf(world.catalogue.get, entry);
  return {
    ...{ name: name!, aclId: aclId!, broken: broken!, ctime: timestamp(entry.ctimeMs), dir: dir!, entryId: entryId! },
    ...{ expiretime: expiretime!, gowner: entry.group, guid: entry.guid ?? '', guidtime: guidtime! },
    ...{ jobid: entry.jobid ?? '', lfn: entry.path, md5: entry.md5 ?? '', owner: entry.owner, perm: entry.perm },
    ...{ replicated: replicated!, size: String(entry.size), turl: `alien://${entry.path}`, type: entry.type },
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** What lies in files; where the server has no folder of an SE to look into, it cannot get them. */
export const contentCommands = { cat, grep, toXml };
