/** The programs that judge our archives, make our disks full, complete our commands and print our manual, and the server that stands in for a peer: looked for, and installed where that is ours to do. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

const judges = [
  { name: 'GNU tar', package: 'tar', found: () => answers('tar', ['--version'], /GNU tar/) },
  { name: 'bsdtar', package: 'libarchive-tools', found: () => answers('bsdtar', ['--version'], /libarchive/) },
  {
    name: 'Python 3',
    package: 'python3',
    found: () => answers('python3', ['-c', 'import tarfile; print("ok")'], /ok/),
  },
  { name: 'unshare', package: 'util-linux', found: () => answers('unshare', ['--version'], /unshare/) },
  { name: 'mount', package: 'mount', found: () => answers('mount', ['--version'], /mount/) },
  { name: 'bash', package: 'bash', found: () => answers('bash', ['--version'], /GNU bash/) },
  { name: 'zsh', package: 'zsh', found: () => answers('zsh', ['--version'], /zsh 5/) },
  { name: 'fish', package: 'fish', found: () => answers('fish', ['--version'], /fish/) },
  { name: 'mandoc', package: 'mandoc', found: () => answers('sh', ['-c', 'command -v mandoc'], /mandoc/) },
  {
    name: 'sshd',
    package: 'openssh-server',
    found: () => answers('sh', ['-c', 'PATH=$PATH:/usr/sbin:/usr/local/sbin command -v sshd'], /sshd/),
  },
  {
    name: 'ssh',
    package: 'openssh-client',
    found: () => answers('sh', ['-c', 'command -v ssh && command -v scp'], /scp/),
  },
  { name: 'bzip2', package: 'bzip2', found: () => answers('bzip2', ['--version'], /^/) },
  { name: 'GnuPG', package: 'gnupg', found: () => answers('gpg', ['--version'], /GnuPG/) },
  { name: 'Subversion', package: 'subversion', found: () => answers('svnadmin', ['--version'], /svnadmin/) },
  { name: 'grepmail', package: 'grepmail', found: () => existsSync('/usr/bin/grepmail') },
  { name: 'PostgreSQL', package: 'postgresql', found: hasPostgresql },
  { name: 'MariaDB', package: 'mariadb-server-core', found: () => answers('mariadbd', ['--version'], /MariaDB/) },
  { name: 'mysqldump', package: 'mariadb-client', found: () => answers('mysqldump', ['--version'], /mysqldump/) },
  { name: 'aws', package: 'awscli', found: () => existsSync('/usr/bin/aws') },
  { name: 'fdisk', package: 'fdisk', found: () => existsSync('/usr/sbin/fdisk') },
  { name: '7z', package: 'p7zip-full', found: () => answers('7z', ['i'], /7-Zip/) },
  { name: 'xorriso', package: 'xorriso', found: () => answers('xorriso', ['-version'], /xorriso/) },
  { name: 'Cedar Backup', package: 'cedar-backup3', found: () => existsSync('/usr/bin/cback3') },
  { name: 'XRootD', package: 'xrootd-server', found: () => answers('sh', ['-c', 'command -v xrootd'], /xrootd/) },
  { name: 'xrdcp', package: 'xrootd-client', found: () => answers('sh', ['-c', 'command -v xrdcp'], /xrdcp/) },
  { name: 'setfattr', package: 'attr', found: () => answers('setfattr', ['--version'], /setfattr/) },
  { name: 'zip', package: 'zip', found: () => answers('zip', ['-v'], /Info-ZIP/) },
  { name: 'OpenSSL', package: 'openssl', found: () => answers('openssl', ['version'], /OpenSSL/) },
  { name: 'tmux', package: 'tmux', found: () => answers('tmux', ['-V'], /tmux/) },
  { name: 'groff', package: 'groff-base', found: () => answers('groff', ['--version'], /GNU groff/) },
];

/** Looks for the programs; as root on Debian installs those that are absent. Answers those that are absent still. */
export function findJudges(say) {
  const absent = judges.filter((judge) => !judge.found());
  if (absent.length === 0) return [];
  const names = absent.map((judge) => judge.name).join(', ');
  const packages = absent.map((judge) => judge.package);
  const command = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  const debian = existsSync('/etc/debian_version');
  if (!debian || process.getuid?.() !== 0) {
    say(
      `absent: ${names}. ${debian ? `Install with: sudo sh -c '${command}'` : `Debian calls the packages: ${packages.join(' ')}`}`,
    );
    return absent;
  }
  say(`installing ${packages.join(' ')} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const result = spawnSync('sh', ['-c', command], { encoding: 'utf8', env, maxBuffer: 1 << 26 });
  // One package that this release does not have keeps apt from installing any of them.
  if (result.status !== 0)
    for (const one of absent)
      spawnSync('apt-get', ['install', '-y', '--no-install-recommends', one.package], { env, stdio: 'ignore' });
  const still = absent.filter((judge) => !judge.found());
  if (still.length > 0)
    say(
      `${result.stdout}${result.stderr}could not be installed: ${still.map((one) => one.name).join(', ')}. Try: ${command}`,
    );
  return still;
}

/** Debian has its server outside of PATH. */
function hasPostgresql() {
  const folder = '/usr/lib/postgresql';
  return existsSync(folder) && readdirSync(folder).some((version) => existsSync(`${folder}/${version}/bin/postgres`));
}

function answers(program, args, expected) {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  return status === 0 && expected.test(stdout);
}
