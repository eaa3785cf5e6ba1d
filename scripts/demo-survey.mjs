/**
 * A survey as an observatory has it, small: nights of exposures, spectra by tile, calibration, catalogs, and the names that people
 * and programs really leave behind. The same at every run, from a seed. Node built-ins only.
 */
import { createCipheriv } from 'node:crypto';
import {
  closeSync,
  existsSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './prepare.mjs';

const marker = '.stowage-demo';
const now = 'now';

/**
 * Makes `folder` anew: `survey/data` (the tree), `vault` (an empty store) and `config.json`. Deletes an old one only if its marker
 * says that we made it. Answers how many files and bytes there are.
 */
export function makeDemo(folder) {
  if (existsSync(folder)) {
    if (!existsSync(join(folder, marker))) {
      throw new SetupError(
        `'${folder}' exists and was not made by this demo (it has no ${marker}), so it is left alone.\nMove it away: mv '${folder}' '${folder}.mine'`,
      );
    }
    for (const part of ['survey', 'vault', 'config.json', '.stowage']) {
      rmSync(join(folder, part), { recursive: true, force: true });
    }
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, marker),
    'npm start made this folder, and deletes what it made here when it runs again.\n',
  );
  mkdirSync(join(folder, 'vault'));
  const made = makeSurvey(join(folder, 'survey/data'));
  writeFileSync(join(folder, 'config.json'), `${JSON.stringify(configuration(join(folder, 'survey')), null, 2)}\n`);
  return made;
}

/** Every idiom of HPSSPy's manual once. */
function configuration(root) {
  return {
    __config__: { root, physical_disks: ['survey'], store: 'dir:vault' },
    data: {
      __exclude__: ['checkout.log'],
      __top__: { '([^\\s/]+\\.(md|txt))$': '\\1' },
      raw: {
        'raw/([0-9]{8})/.*$': 'raw/raw_\\1.tar',
        'raw/[^\\s/]+$': 'raw_files.tar',
      },
      spectra: { 'spectra/([0-9])([0-9])([0-9])/.*$': 'spectra/spectra_\\1XX.tar' },
      calib: {
        'calib/bias/.*$': 'calib/bias.tar',
        'calib/(flat|arc)/.*$': 'calib/calib_\\1.tar',
        'calib/scratch/.*$': 'EXCLUDE',
        'calib/[^\\s/]+$': 'calib_files.tar',
      },
      catalog: {
        'catalog/([a-z]+)/v(\\d+\\.\\d+)/[^\\s]+$': 'catalog/\\1/catalog_\\1_\\2.tar',
        'catalog/README\\.txt$': 'catalog/README.txt',
        'catalog/([^\\s/]+\\.csv)$': 'catalog/\\1',
      },
      // A dot does not match a newline, and some names have one.
      notes: { 'notes/[^/]+(/[^/]+)*$': 'notes.tar' },
      pipeline: { 'pipeline/.*$': 'AUTOMATED' },
    },
  };
}

function makeSurvey(root) {
  const tree = treeMaker(root);
  tree.text('README.txt', 'The survey. Ask the data manager before you change anything here.\n');
  tree.text('PLAN.md', '# Observing plan\n\nTwelve nights, 120 tiles.\n');
  tree.text('checkout.log', 'not worth keeping\n');
  nights(tree);
  spectra(tree);
  calibration(tree);
  catalogs(tree);
  notes(tree);
  for (let job = 0; job < 80; job += 1)
    tree.file(`pipeline/run-${job % 4}/job-${four(job)}.out`, tree.between(200, 4000));
  return tree.made;
}

function nights(tree) {
  for (let night = 0; night < 12; night += 1) {
    const folder = `raw/202401${two(10 + night)}`;
    for (let exposure = 0; exposure < 24; exposure += 1) {
      tree.image(`${folder}/exposure-${four(night * 24 + exposure)}.fits`, tree.between(60_000, 220_000));
    }
    for (let guide = 0; guide < 12; guide += 1) tree.image(`${folder}/guide/guide-${two(guide)}.fits.fz`, 16_384);
    tree.text(`${folder}/night.log`, `night ${night}: clear, seeing 0.${tree.between(6, 9)} arcsec\n`);
    tree.file(`${folder}/empty.flag`, 0);
    tree.symlink(`${folder}/best.fits`, `exposure-${four(night * 24 + 7)}.fits`);
  }
  tree.hardLink('raw/20240113/first-light.fits', `raw/20240113/exposure-${four(3 * 24)}.fits`);
  tree.folder('raw/20240115/focus');
  tree.symlink('raw/latest', '20240121');
  tree.text('raw/INDEX', 'one directory per night\n');
}

function spectra(tree) {
  for (let tile = 0; tile < 120; tile += 1) {
    const folder = `spectra/${100 * (1 + Math.floor(tile / 40)) + (tile % 40)}`;
    for (let part = 0; part < 15; part += 1) {
      tree.image(
        `${folder}/spectra-${part % 10}-${part < 10 ? 'r' : 'b'}-${four(tile)}.fits`,
        tree.between(2_000, 22_000),
      );
    }
    tree.symlink(`${folder}/sky`, `../../calib/arc/arc-${two(tile % 40)}.fits`);
  }
}

function calibration(tree) {
  for (let frame = 0; frame < 40; frame += 1) {
    tree.image(`calib/bias/bias-${two(frame)}.fits`, 40_000);
    tree.image(`calib/flat/dome/flat-${two(frame)}.fits`, tree.between(30_000, 60_000));
    tree.image(`calib/arc/arc-${two(frame)}.fits`, tree.between(20_000, 40_000));
    tree.file(`calib/scratch/tmp.${four(frame)}`, tree.between(0, 9_000));
  }
  tree.symlink('calib/flat/twilight', '../../../old-disk/flat/twilight');
  tree.hardLink('calib/arc/reference.fits', 'calib/arc/arc-07.fits');
  tree.text('calib/defects.dat', '1024 17\n2047 993\n');
  tree.text('calib/gain.dat', '1.02 0.98 1.01 1.00\n');
}

function catalogs(tree) {
  for (const name of ['stars', 'galaxies', 'quasars']) {
    for (const version of ['v1.0', 'v1.1']) {
      for (let pixel = 0; pixel < 12; pixel += 1) {
        tree.image(`catalog/${name}/${version}/${name}-hp${two(pixel)}.fits`, tree.between(1_000, 250_000));
      }
    }
  }
  tree.text('catalog/README.txt', 'Columns are described in the headers.\n');
  tree.text('catalog/tiles.csv', 'tile,ra,dec\n100,10.5,-3.2\n', now);
}

function notes(tree) {
  const names = [
    'with blanks  and a tab\t.txt',
    `it's "quoted" $(not run) \`nor this\`; & | > < * ? [a] \\.txt`,
    'two\nlines.txt',
    '-rf',
    '--checkpoint-action=exec=sh',
    '.hidden',
    ' ',
    'Übersicht Ångström 観測 🔭.txt',
    'e\u0301 and \u00e9.txt',
    '%41 is not A.txt',
    'ends with a blank ',
    `${'long'.repeat(62)}.txt`,
  ];
  for (const name of names) tree.text(`notes/${name}`, `written as ${JSON.stringify(name)}\n`);
  // What Latin-1 calls "Größe" and a byte that is nothing anywhere: names are bytes.
  tree.text(Buffer.concat([Buffer.from('notes/Gr'), Buffer.from([0xf6, 0xdf]), Buffer.from('e.txt')]), 'Latin-1\n');
  tree.text(Buffer.concat([Buffer.from('notes/'), Buffer.from([0xff, 0xfe])]), 'no encoding\n');
  const deep = ['observers', 'a'.repeat(90), 'b'.repeat(90), 'c'.repeat(90), 'd'.repeat(90)].join('/');
  tree.text(`notes/${deep}/note.txt`, 'below a path of more than 255 bytes\n');
  tree.text(`notes/${'n'.repeat(101)}`, 'a name of 101 bytes\n');
  tree.symlink(`notes/link to a long name`, 'z'.repeat(200));
  tree.symlink('notes/up', '..');
  tree.text('notes/before 1970.txt', 'a clock that was wrong\n', -86_400.25);
  tree.text('notes/secret.txt', 'only its owner reads it\n', undefined, 0o400);
  tree.text('notes/run-me.sh', '#!/bin/sh\necho hello\n', now, 0o755);
}

/** Writes below `root`, with contents, sizes and times that follow from the seed and the order alone. */
function treeMaker(root) {
  const noise = createCipheriv('aes-128-ctr', Buffer.from('first light 2024'), Buffer.alloc(16)).update(
    Buffer.alloc(1 << 20),
  );
  const folders = new Set();
  const made = { files: 0, bytes: 0 };
  let state = 20_240_110;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const between = (least, most) => least + Math.floor(random() * (most - least + 1));
  const at = (path) => Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path)]);
  // Observed in 2024, with fractions of a second as cameras write them.
  const time = () => 1_704_844_800 + Math.floor(random() * 1e6) + between(0, 999_999) / 1e6;
  const folder = (path) => {
    if (folders.has(path)) return;
    folders.add(path);
    mkdirSync(path === '' ? root : at(path), { recursive: true });
  };
  const makeRoom = (path) => {
    const bytes = Buffer.from(path);
    folder(bytes.subarray(0, Math.max(0, bytes.lastIndexOf(0x2f))).toString());
  };
  const write = (path, parts, seconds = time(), mode = 0o644) => {
    makeRoom(path);
    const file = openSync(at(path), 'wx', mode);
    for (const part of parts) {
      writeSync(file, part);
      made.bytes += part.length;
    }
    closeSync(file);
    // Node sets times to the microsecond; what is left alone has the nanoseconds of the clock.
    if (seconds !== now) utimesSync(at(path), seconds, seconds);
    made.files += 1;
  };
  const some = (bytes) => {
    const start = Math.floor(random() * (noise.length - bytes));
    return noise.subarray(start, start + bytes);
  };
  return {
    made,
    between,
    folder,
    text: (path, text, seconds, mode) => write(path, [Buffer.from(text)], seconds, mode),
    file: (path, bytes) => write(path, [some(bytes)]),
    /** A FITS header and noise. */
    image: (path, bytes) => write(path, [fitsHeader(bytes, time()), some(bytes)]),
    symlink(path, target) {
      makeRoom(path);
      symlinkSync(target, at(path));
      const seconds = time();
      lutimesSync(at(path), seconds, seconds);
      made.files += 1;
    },
    hardLink(path, existing) {
      linkSync(at(existing), at(path));
      made.files += 1;
    },
  };
}

function fitsHeader(bytes, seconds) {
  const cards = [
    'SIMPLE  =                    T',
    'BITPIX  =                    8',
    'NAXIS   =                    1',
    `NAXIS1  = ${String(bytes).padStart(20)}`,
    `DATE-OBS= '${new Date(seconds * 1000).toISOString()}'`,
    'END',
  ];
  return Buffer.from(
    cards
      .map((card) => card.padEnd(80))
      .join('')
      .padEnd(2880),
    'latin1',
  );
}

function two(number) {
  return String(number).padStart(2, '0');
}

function four(number) {
  return String(number).padStart(4, '0');
}
