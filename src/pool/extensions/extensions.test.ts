import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { needing } from '../../../test/needing.ts';
import { eventsOf, poolConfiguration, runOf } from '../../../test/pool-run.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { until } from '../../../test/waiting.ts';
import { createWriter } from '../../disc/create-writer.ts';
import { findProgram } from '../../programs/find-program.ts';
import { executeCollect } from '../collect/collect.ts';
import { isFailure } from '../pool-event.ts';
import { extensionNames, extensionOf } from './extension-actions.ts';

let root: string;
const at = (path: string) => join(root, path);
const put = (path: string, text = path) => {
  mkdirSync(join(at(path), '..'), { recursive: true });
  writeFileSync(at(path), text);
};
const program = (name: string, script: string) => {
  put(`bin/${name}`, `#!/bin/sh\n${script}\n`);
  chmodSync(at(`bin/${name}`), 0o755);
};
const run = (
  name: string,
  sections: string,
  changes: Parameters<typeof runOf>[1] & { overrides?: readonly string[] } = {},
) => {
  const { overrides = [], ...rest } = changes;
  const configuration = poolConfiguration(root, `${collect}${stage}${sections}`);
  const map = new Map(overrides.map((one) => [one, at(`bin/${one}`)]));
  const options = { ...configuration.options, overrides: map };
  return eventsOf(extensionOf(`CedarBackup3.extend.${name}`)(runOf({ ...configuration, options }, rest)));
};
const collect =
  '<collect><collect_dir>@ROOT@/collect</collect_dir><collect_mode>daily</collect_mode><archive_mode>tar</archive_mode><ignore_file>.no</ignore_file><dir><abs_path>@ROOT@/src</abs_path></dir></collect>';
const stage =
  '<stage><staging_dir>@ROOT@/stage</staging_dir><peer><name>p</name><type>local</type><collect_dir>@ROOT@/peer</collect_dir></peer></stage>';
const collected = () => readdirSync(at('collect')).sort();
const plain = (name: string) =>
  execFileSync(
    'sh',
    [
      '-c',
      name.endsWith('.gz') ? 'gzip -dc "$1"' : name.endsWith('.bz2') ? 'bzip2 -dc "$1"' : 'cat "$1"',
      '-',
      at(`collect/${name}`),
    ],
    { encoding: 'utf8' },
  );
/** As a master does that has staged what is there. */
const staged = async () => {
  await eventsOf(executeCollect(runOf(poolConfiguration(root, `${collect}${stage}`))));
  const later = new Date(Date.now() + 60_000);
  put('collect/cback.stage', '');
  utimesSync(at('collect/cback.stage'), later, later);
};

beforeEach(async () => {
  root = await scratchFolder();
  for (const name of ['work', 'collect', 'src', 'stage', 'peer', 'bin']) mkdirSync(at(name));
});

test('the modules are known by the names of the original, and no other is', () => {
  for (const name of extensionNames)
    expect(extensionOf(`CedarBackup3.extend.${name}`)).toBe(extensionOf(`CedarBackup2.extend.${name}`));
  for (const name of ['no.such', 'CedarBackup3.extend.constructor', 'os', 'CedarBackup3.extend.writersutil']) {
    expect(() => extensionOf(name)).toThrow(
      expect.objectContaining({ code: 'configuration', message: expect.stringContaining(name) }),
    );
  }
});

test('sysinfo: what the programs say, and what is not there is told', async () => {
  program('dpkg', 'echo "tar install"');
  program('ls', 'echo "$@"; exit 1');
  program('fdisk', 'echo broken; exit 3');
  const events = await run('sysinfo', '', { overrides: ['dpkg', 'ls', 'fdisk'] });
  expect(collected()).toEqual(['dpkg-selections.txt.bz2', 'ls-laR.txt.bz2']);
  expect(plain('dpkg-selections.txt.bz2')).toBe('tar install\n');
  expect(plain('ls-laR.txt.bz2')).toBe('-laR /\n');
  expect(events.filter(isFailure)).toHaveLength(1);
});

const hasAll = ['/usr/bin/dpkg', '/usr/sbin/fdisk', '/bin/ls'].every((path) => existsSync(path));
needing(hasAll).test('sysinfo: by the real programs, with the PATH that cron gives', async () => {
  const { PATH } = process.env;
  onTestFinished(() => {
    process.env.PATH = PATH;
  });
  process.env.PATH = '/usr/bin:/bin';
  // All names of this machine would take too long.
  program('ls', `exec /bin/ls "$1" ${root}`);
  put('src/a b');
  expect((await run('sysinfo', '', { overrides: ['ls'] })).filter(isFailure)).toEqual([]);
  expect(collected()).toEqual(['dpkg-selections.txt.bz2', 'fdisk-l.txt.bz2', 'ls-laR.txt.bz2']);
  expect(plain('dpkg-selections.txt.bz2')).toMatch(/^dpkg\s+install$/m);
  expect(plain('ls-laR.txt.bz2')).toContain('a b');
  expect(plain('fdisk-l.txt.bz2')).toBe(execFileSync('/usr/sbin/fdisk', ['-l'], { encoding: 'utf8' }));
});

const storeIn = (image: string) =>
  `<store><source_dir>@ROOT@/stage</source_dir><media_type>cdr-74</media_type><target_device>@ROOT@/${image}</target_device></store>`;
const limits = (limit: string) => `<capacity>${limit}</capacity>${storeIn('disc.iso')}`;

needing(findProgram('xorriso') !== undefined).test(
  'capacity: a disc that is fuller than it may be is a failure',
  async () => {
    put('disc.iso', '');
    put('src/f', 'x'.repeat(3_000_000));
    const writer = await createWriter({ deviceType: 'cdwriter', mediaType: 'cdr-74', targetDevice: at('disc.iso') });
    writer.initializeImage({ newDisc: true, mediaLabel: 'X' });
    writer.addImageEntry(at('src'), 'one');
    await writer.writeImage();
    const { used, total, available } = await writer.retrieveCapacity();
    const failures = async (limit: string) =>
      (await run('capacity', limits(limit))).filter(isFailure).map((one) => one.text);
    const percent = (part: number) => `<max_percentage>${((used + part) / total) * 100}</max_percentage>`;
    expect(await failures(percent(1000))).toEqual([]);
    expect(await failures(percent(-1000))).toEqual([
      expect.stringContaining(`${available} of ${total} bytes are free`),
    ]);
    expect(await failures(`<min_bytes>${available}</min_bytes>`)).toEqual([]);
    expect(await failures(`<min_bytes>${available + 1}</min_bytes>`)).toHaveLength(1);
  },
);

test('capacity: without a disc to look at nobody says that there is room', async () => {
  const limit = '<capacity><min_bytes>1</min_bytes></capacity>';
  await expect(run('capacity', limit)).rejects.toMatchObject({ code: 'configuration' });
  await expect(run('capacity', `${limit}${storeIn('none.iso')}`)).rejects.toMatchObject({ code: 'missing' });
});

const mysql =
  '<mysql><user>me</user><password>s3"cret\\</password><compress_mode>gzip</compress_mode><all>N</all><database>one</database><database>-x</database></mysql>';
test('mysql: no password in the arguments, and none is left on the disk', async () => {
  program(
    'mysqldump',
    `echo "$@" > ${at('args')}; for one in "$@"; do case $one in --defaults-extra-file=*) cat "\${one#*=}";; esac; done`,
  );
  const events = await run('mysql', mysql, { overrides: ['mysqldump'] });
  expect(collected()).toEqual(['mysqldump-one.txt.gz']);
  expect(plain('mysqldump-one.txt.gz')).toBe('[client]\npassword="s3\\"cret\\\\"\n');
  const args = readFileSync(at('args'), 'utf8');
  expect(args).not.toContain('cret');
  expect(existsSync(/--defaults-extra-file=(\S+)/.exec(args)![1]!)).toBe(false);
  expect(events.filter(isFailure).map((one) => one.reason)).toEqual([expect.stringContaining('option')]);
});

test('a dump whose program fails leaves no file, and no half one', async () => {
  program('mysqldump', 'echo half; exit 1');
  expect((await run('mysql', mysql, { overrides: ['mysqldump'] })).filter(isFailure)).toHaveLength(2);
  expect(collected()).toEqual([]);
});

function binOfPostgres(): string | undefined {
  const folder = '/usr/lib/postgresql';
  const versions = existsSync(folder) ? readdirSync(folder) : [];
  return versions.map((one) => `${folder}/${one}/bin`).find((bin) => existsSync(`${bin}/postgres`));
}
const postgres = binOfPostgres();
needing(postgres !== undefined && process.getuid?.() === 0).test('postgresql: a real server', async () => {
  chmodSync(root, 0o755);
  mkdirSync(at('pg'));
  execFileSync('chown', ['nobody', at('pg')]);
  const asNobody = ['--reuid=nobody', '--regid=nogroup', '--clear-groups', 'env', 'LC_ALL=C', `HOME=${at('pg')}`];
  execFileSync(
    'setpriv',
    [...asNobody, `${postgres}/initdb`, '-D', at('pg/data'), '-U', 'backup', '-A', 'trust', '--no-sync'],
    { cwd: '/' },
  );
  const server = spawn(
    'setpriv',
    [...asNobody, `${postgres}/postgres`, '-D', at('pg/data'), '-k', at('pg'), '-c', 'listen_addresses=', '-F'],
    { cwd: '/', stdio: 'ignore' },
  );
  const gone = new Promise((resolve) => server.once('exit', resolve));
  const before = { ...process.env };
  onTestFinished(async () => {
    process.env = before;
    server.kill('SIGINT');
    await gone;
  });
  process.env.PGHOST = at('pg');
  const psql = (...args: readonly string[]) =>
    execFileSync(`${postgres}/psql`, ['-U', 'backup', '-d', 'postgres', '-qtA', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  await until('the server answers', () => {
    try {
      return psql('-c', 'select 1') === '1\n';
    } catch {
      return false;
    }
  });
  psql('-c', 'create database "it\'s = odd"');
  execFileSync(
    `${postgres}/psql`,
    ['-U', 'backup', '-d', "dbname='it\\'s = odd'", '-c', "create table t as select 'treasure' as x"],
    { stdio: 'ignore' },
  );
  const section = (inner: string) =>
    `<postgresql><user>backup</user><compress_mode>bzip2</compress_mode>${inner}</postgresql>`;
  await run('postgresql', section('<all>Y</all>'));
  expect(plain('postgresqldump.txt.bz2')).toContain('treasure');
  const events = await run(
    'postgresql',
    section("<all>N</all><database>it's = odd</database><database>absent</database>"),
  );
  expect(plain(collected().find((name) => name.includes('odd'))!)).toContain('treasure');
  expect(events.filter(isFailure).map((one) => one.text)).toEqual([expect.stringContaining('absent')]);
});

const hasSvn = existsSync('/usr/bin/svnadmin') && existsSync('/usr/bin/svn');
needing(hasSvn).test('subversion: revisions since what is staged', async () => {
  execFileSync('svnadmin', ['create', at('r')]);
  const commit = (name: string) =>
    execFileSync('svn', ['mkdir', '-q', '-m', name, `file://${at('r')}/${name}`], {
      env: { ...process.env, LC_ALL: 'C' },
    });
  commit('one');
  const section =
    '<subversion><collect_mode>incr</collect_mode><compress_mode>gzip</compress_mode><repository><abs_path>@ROOT@/r</abs_path></repository></subversion>';
  const dumps = () =>
    collected()
      .filter((name) => name.startsWith('svndump'))
      .map((name) => name.split('-')[1]);
  await run('subversion', section);
  expect(dumps()).toEqual(['0:1']);
  commit('two');
  await run('subversion', section);
  expect(dumps()).toEqual(['0:1', '0:2']);
  await staged();
  commit('three');
  await run('subversion', section);
  expect(dumps()).toEqual(['0:1', '0:2', '3:3']);
  execFileSync('svnadmin', ['create', at('again')]);
  for (const dump of ['0:2', '3:3']) {
    const name = collected().find((one) => one.includes(`-${dump}-`))!;
    execFileSync('svnadmin', ['load', '-q', at('again')], { input: plain(name) });
  }
  expect(execFileSync('svnlook', ['youngest', at('again')], { encoding: 'utf8' })).toBe('3\n');
  await staged();
  expect((await run('subversion', section)).map((one) => one.deed)).toEqual(['skipped']);
});

needing(existsSync('/usr/bin/grepmail')).test('mbox: mail since what is staged', async () => {
  const mail = (day: number) =>
    `From a@b Wed Nov ${day} 10:00:00 2026\nFrom: a@b\nDate: ${day} Nov 2026 10:00:00 +0000\nSubject: of ${day}\nMessage-ID: <${day}@x>\n\nhello\n\n`;
  put('mail/box', mail(17));
  put('mail/spam', mail(17));
  const section =
    '<mbox><collect_mode>incr</collect_mode><compress_mode>none</compress_mode><dir><abs_path>@ROOT@/mail</abs_path><exclude><rel_path>spam</rel_path></exclude></dir></mbox>';
  await run('mbox', section, { now: new Date(2026, 10, 18) });
  const [first] = collected();
  expect(first).toMatch(/^mbox-20261118-.*-mail-box$/);
  expect(plain(first!)).toContain('Subject: of 17');
  await staged();
  put('mail/box', mail(17) + mail(19));
  await run('mbox', section, { now: new Date(2026, 10, 20) });
  const second = plain(collected().find((name) => name.startsWith('mbox-20261120'))!);
  expect(second).toContain('Subject: of 19');
  expect(second).not.toContain('Subject: of 17');
});

test('split: large files of staged days, and the pieces make the file again', async () => {
  put('stage/2026/11/18/p/big', 'abcdefghij'.repeat(1000));
  put('stage/2026/11/18/p/small');
  put('stage/2026/11/18/cback.stage', '');
  put('stage/2026/11/17/p/big', 'x'.repeat(10_000));
  const section = '<split><size_limit>8 KB</size_limit><split_size>4 KB</split_size></split>';
  await run('split', section);
  const day = at('stage/2026/11/18');
  expect(readdirSync(`${day}/p`)).toEqual(['big_00000', 'big_00001', 'big_00002', 'small']);
  const joined = ['0', '1', '2'].map((one) => readFileSync(`${day}/p/big_0000${one}`, 'utf8')).join('');
  expect(joined).toBe('abcdefghij'.repeat(1000));
  expect(existsSync(`${day}/cback.split`)).toBe(true);
  // Nothing is staged there yet.
  expect(readdirSync(at('stage/2026/11/17/p'))).toEqual(['big']);
  put('stage/2026/11/18/p/later', 'x'.repeat(10_000));
  await run('split', section);
  expect(existsSync(`${day}/p/later`)).toBe(true);
});

test('split: what the peer has otherwise now does not take the pieces of what it had before', async () => {
  const section = '<split><size_limit>8 KB</size_limit><split_size>4 KB</split_size></split>';
  const [old, now] = ['old'.repeat(5000), 'now'.repeat(4000)];
  const joined = (name: string) => {
    const folder = at('stage/2026/11/18/p');
    const pieces = readdirSync(folder).filter((one) => new RegExp(`^${name}_\\d{5}$`).test(one));
    return pieces
      .sort()
      .map((one) => readFileSync(`${folder}/${one}`, 'utf8'))
      .join('');
  };
  put('stage/2026/11/18/p/big', old);
  put('stage/2026/11/18/cback.stage', '');
  await run('split', section);
  unlinkSync(at('stage/2026/11/18/cback.split'));
  put('stage/2026/11/18/p/big', now);
  await run('split', section);
  expect(joined('big')).toBe(now);
  expect(joined('big.earlier-1')).toBe(old);
  expect(readdirSync(at('stage/2026/11/18/p')).length).toBe(4 + 3);
});

needing(existsSync('/usr/bin/gpg')).test('encrypt: every file once, also after a run that was killed', async () => {
  const before = process.env.GNUPGHOME;
  onTestFinished(() => {
    execFileSync('gpgconf', ['--kill', 'all']);
    if (before === undefined) delete process.env.GNUPGHOME;
    else process.env.GNUPGHOME = before;
  });
  const home = at('gnupg');
  mkdirSync(home, { mode: 0o700 });
  process.env.GNUPGHOME = home;
  execFileSync(
    'gpg',
    ['--batch', '--quiet', '--passphrase', '', '--quick-gen-key', 'backup@example.org', 'future-default'],
    { stdio: 'ignore' },
  );
  for (const name of ['a', 'b', 'c.gpg']) put(`stage/2026/11/18/p/${name}`);
  const decrypted = (name: string) =>
    execFileSync('gpg', ['--batch', '-q', '-d', at(`stage/2026/11/18/p/${name}.gpg`)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  put('stage/2026/11/18/cback.stage', '');
  const section = (to: string) =>
    `<encrypt><encrypt_mode>gpg</encrypt_mode><encrypt_target>${to}</encrypt_target></encrypt>`;
  await expect(run('encrypt', section('nobody@example.org'))).rejects.toMatchObject({ code: 'program' });
  const configuration = poolConfiguration(root, `${collect}${stage}${section('backup@example.org')}`);
  const whole = runOf(configuration);
  let unlinks = 0;
  const killed = {
    ...whole.files,
    unlink: async (path: string) => {
      unlinks += path.endsWith('/b') ? 1 : 0;
      if (unlinks > 0) throw new Error('killed');
      await whole.files.unlink(path);
    },
  };
  const encrypt = extensionOf('CedarBackup3.extend.encrypt');
  expect((await eventsOf(encrypt({ ...whole, files: killed }))).some(isFailure)).toBe(true);
  // Staged once more before the day is done, with another content.
  put('stage/2026/11/18/p/a', 'what came later');
  expect((await eventsOf(encrypt(whole))).some(isFailure)).toBe(false);
  expect(readdirSync(at('stage/2026/11/18/p'))).toEqual(['a.earlier-1.gpg', 'a.gpg', 'b.gpg', 'c.gpg.gpg']);
  expect(decrypted('a')).toBe('what came later');
  renameSync(at('stage/2026/11/18/p/a.earlier-1.gpg'), at('stage/2026/11/18/p/a.gpg'));
  for (const name of ['a', 'b', 'c.gpg']) {
    expect(decrypted(name)).toBe(`stage/2026/11/18/p/${name}`);
  }
  expect(existsSync(at('stage/2026/11/18/cback.encrypt'))).toBe(true);
  // What the peer itself has under the name that the encrypted one would get is not written over.
  for (const name of ['d', 'd.gpg']) put(`stage/2026/11/19/p/${name}`);
  put('stage/2026/11/19/cback.stage', '');
  expect((await eventsOf(encrypt(whole))).some(isFailure)).toBe(true);
  expect(readFileSync(at('stage/2026/11/19/p/d'), 'utf8')).toBe('stage/2026/11/19/p/d');
  expect(existsSync(at('stage/2026/11/19/cback.encrypt'))).toBe(false);
});

test('amazons3: a day is marked when S3 lists it, and nothing is removed there before', async () => {
  // A stand-in that keeps a bucket in a folder.
  program(
    'aws',
    `case "$1 $2" in
's3 cp') shift 9; mkdir -p "${root}/s3/\${2#s3://}"; cp -r "$1/." "${root}/s3/\${2#s3://}"; find "${root}/s3" -name 'cback.*' -delete;;
's3api list-objects-v2') cd "${root}/s3/$4" || exit 1; [ -e ${root}/torn ] && printf x >> "$6p/a"; first=''
printf '['; find "$6" -type f | while read -r f; do printf '%s{"Key":"%s","Size":%s}' "$first" "$f" "$(stat -c %s "$f")"; first=,; done; printf ']';;
esac`,
  );
  put('bin/crypt', '#!/bin/sh\ntr a-z n-za-m < "$1" > "$2"\n');
  chmodSync(at('bin/crypt'), 0o755);
  put('stage/2026/11/18/p/a', 'hello');
  put('stage/2026/11/18/p/a b', '');
  put('stage/2026/11/18/cback.stage', '');
  put('s3/bucket/2026/11/18/old', 'x');
  const section = (more = '') => `<amazons3><s3_bucket>bucket</s3_bucket>${more}</amazons3>`;
  const copy = (more = '') => run('amazons3', section(more), { overrides: ['aws'] });
  await expect(copy('<incr_size_limit>4</incr_size_limit>')).rejects.toMatchObject({ code: 'refused' });
  put('torn');
  await expect(copy()).rejects.toMatchObject({ code: 'corrupt' });
  expect(existsSync(at('stage/2026/11/18/cback.amazons3'))).toBe(false);
  execFileSync('rm', [at('torn')]);
  await copy(`<encrypt>${at('bin/crypt')} \${input} \${output}</encrypt>`);
  expect(readFileSync(at('s3/bucket/2026/11/18/p/a'), 'utf8')).toBe('uryyb');
  expect(readdirSync(at('s3/bucket/2026/11/18/p'))).toEqual(['a', 'a b']);
  expect(existsSync(at('s3/bucket/2026/11/18/old'))).toBe(true);
  expect(existsSync(at('stage/2026/11/18/cback.amazons3'))).toBe(true);
  expect(readdirSync(at('work')).filter((name) => name.includes('amazons3'))).toEqual([]);
  await expect(copy()).rejects.toMatchObject({ code: 'missing' });
});
