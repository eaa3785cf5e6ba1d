import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { needing } from '../../../test/needing.ts';
import { eventsOf, poolConfiguration, runOf } from '../../../test/pool-run.ts';
import { scratchFolder } from '../../../test/scratch-folder.ts';
import { until } from '../../../test/waiting.ts';
import { findProgram } from '../../programs/find-program.ts';
import { isFailure } from '../pool-event.ts';
import { executeMysql } from './databases.ts';

const needed = ['mariadbd', 'mariadb-install-db', 'mariadb', 'mysqldump'];
const there = needed.every((name) => findProgram(name) !== undefined) && process.getuid?.() === 0;

/** Everything that a password of a configuration file could be taken for otherwise. */
const password = String.raw`s3"c'r#e;t \n é\\`;

needing(there).test('mysql: a real server, whose dumps can be restored', async () => {
  const root = await scratchFolder();
  const at = (path: string) => join(root, path);
  chmodSync(root, 0o755);
  for (const folder of ['work', 'collect']) mkdirSync(at(folder));
  const quick = ['--innodb-buffer-pool-size=8M', '--innodb-log-file-size=4M', '--innodb-flush-method=nosync'];
  execFileSync(
    'mariadb-install-db',
    [
      ...['--no-defaults', `--datadir=${at('data')}`, '--user=root', '--skip-test-db'],
      ...['--auth-root-authentication-method=normal', ...quick],
    ],
    { stdio: 'ignore' },
  );
  const server = spawn(
    'mariadbd',
    [
      ...['--no-defaults', `--datadir=${at('data')}`, '--user=root', '--skip-networking'],
      ...[`--socket=${at('sock')}`, `--pid-file=${at('pid')}`, ...quick],
    ],
    { stdio: 'ignore' },
  );
  const gone = new Promise((resolve) => server.once('exit', resolve));
  const before = { ...process.env };
  onTestFinished(async () => {
    process.env = before;
    server.kill();
    await gone;
  });
  writeFileSync(at('.my.cnf'), `[client]\nsocket=${at('sock')}\n`);
  process.env.HOME = root;
  const sql = (input: string | Buffer) =>
    execFileSync('mariadb', [`--socket=${at('sock')}`, '-u', 'root', '-N', '--default-character-set=utf8mb4'], {
      input,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
  await until('the server answers', () => {
    try {
      return sql('select 1') === '1\n';
    } catch {
      return false;
    }
  });
  const literal = password.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  sql(`create user backup@localhost identified by '${literal}'; grant all on *.* to backup@localhost;
create database \`od'd-näme\`; create table \`od'd-näme\`.t (x blob, y text character set utf8mb4);
insert into \`od'd-näme\`.t values (unhex('00ff0a275c'), 'trèasure 🪙')`);
  const rows = () => sql("select hex(x), y from `od'd-näme`.t");
  expect(rows()).toBe('00FF0A275C\ttrèasure 🪙\n');

  const dump = (inner: string, secret = password) => {
    const xml = secret.replaceAll('&', '&amp;');
    const sections = `<collect><collect_dir>@ROOT@/collect</collect_dir><collect_mode>daily</collect_mode><archive_mode>tar</archive_mode><ignore_file>.no</ignore_file><dir><abs_path>@ROOT@/work</abs_path></dir></collect>
<mysql><user>backup</user><password>${xml}</password><compress_mode>gzip</compress_mode>${inner}</mysql>`;
    return eventsOf(executeMysql(runOf(poolConfiguration(root, sections))));
  };
  const collected = () => readdirSync(at('collect')).sort();
  const restore = (name: string) =>
    sql(execFileSync('gzip', ['-dc', join(at('collect'), name)], { maxBuffer: 1 << 26 }));

  const refused = await dump('<all>Y</all>', 'wrong');
  expect(refused.filter(isFailure).map(({ reason }) => reason)).toEqual([expect.stringContaining('Access denied')]);
  expect(collected()).toEqual([]);

  expect((await dump('<all>Y</all>')).filter(isFailure)).toEqual([]);
  expect(collected()).toEqual(['mysqldump.txt.gz']);

  const some = await dump("<all>N</all><database>od'd-näme</database><database>absent</database>");
  expect(some.filter(isFailure).map(({ text }) => text)).toEqual([expect.stringContaining('absent')]);
  expect(collected()).toEqual(["mysqldump-od'd-näme.txt.gz", 'mysqldump.txt.gz']);

  for (const name of collected()) {
    sql("drop database `od'd-näme`");
    restore(name);
    expect(rows()).toBe('00FF0A275C\ttrèasure 🪙\n');
  }
});
