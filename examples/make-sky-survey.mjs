/**
 * `node examples/make-sky-survey.mjs DIR`: a small tree below DIR/tree for the map in sky-survey.json, and DIR/sky-survey.json, which is that map with the
 * tree as its root. Every pattern gets files, and every file is meant by one pattern.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Paths; {a,b,c} stands for each of its words, so that archives get several members. */
const trees = {
  dr1: [
    ...['README.html', '{about,changes}.md', 'license.txt', 'MANIFEST.sha256', 'imaging/index.html'],
    'imaging/raw/{20240101,20240102}/ccd{01,02}/exp-{1,2}.fits',
    'imaging/raw/20240101/ccd01/exp-3.fits.fz',
    'imaging/raw/{20240101,20240102}/log/night.{log,par}',
    'imaging/raw/{20240101,20240102}/{weather,seeing}.json',
    'imaging/raw/20240101/scratch/{a,b/c}.tmp',
    'imaging/runs/{1040,1041,1045,1330}/{1,6}/frame-{g,r}-000{123,124}.fits',
    'imaging/runs/{1040,1330}/fields.csv',
    'imaging/coadd/{g,i}/tile-{0101,0102,0203}.fits',
    'imaging/coadd/{g,i}/weight/tile-{0101,0102}.fits',
    'imaging/masks/{stars,gaps}.ply',
    'imaging/previews/{all,deep/zoom}.{png,jpg}',
    'spectro/data/{55000,55001}/sdR-{b1,r2}-00{123456,123457}.fit.gz',
    'spectro/data/{55000,55001}/guider/image-{1,2}.fits',
    'spectro/redux/v5_13/{3586,3587}/{spPlate,spFrame,spCFrame}-{1,2}.fits',
    'spectro/redux/v5_13/3586/lite/spec-{1,2}.fits',
    'spectro/redux/v5_13/platelist.{fits,html,txt}',
    'spectro/redux/v5_13/3586/{qa,tmp}/x.ps',
    'spectro/templates/{galaxy,qso,star}-{1,2}.fits',
    'spectro/stellar/{sspp,bayes}/3586/{fit,chi2}.fits',
    'spectro/lines/{a,b}/lines.fits',
    'targets/plates/{3586,3587}/plateholes-00{3586,3587}.par',
    'targets/plates/{3586,3587}/overlay.pdf',
    'targets/tiling/run-{alpha,beta}/{tiles,holes}.par',
    'targets/catalogs/{bright,faint,quasar}.{fits,sha1}',
    'catalogs/{object,spec,photo}-all.fits',
    'catalogs/sweeps/{301,752}/stars-{1,2}.fits.gz',
    'catalogs/crossmatch/{gaia,2mass,wise}/{north,south}.fits',
    'catalogs/vac/{disk_galaxies,dust-map}/v1.0/{cat,readme}.fits',
    'catalogs/database/dump-{00,01}.sql.gz',
  ],
  dr2: [
    'cubes/stack/{7443,7495}/{1901,12701}/manga-{1,2}-LOGCUBE.fits.gz',
    'cubes/stack/7443/{1901,12701}/images/{a,b}.png',
    'cubes/maps/{HYB10,SPX,VOR10}/{7443,7495}/maps.fits.gz',
    'cubes/maps/TEST/{7443,7495}/maps.fits.gz',
    'cubes/drpall-v3_1_1.fits',
    'infrared/exposures/{apo,lco}/59000/{apR-a,asR-b}-00000001.apz',
    'infrared/exposures/apo/59000/{night,qa}.html',
    'infrared/visits/{apo,lco}/{120+12,M67}/5900/apVisit-{1,2}.fits',
    'infrared/stars/{120,121,130}/M67/apStar-{1,2}.fits',
    'infrared/stars/{allStar,allStarLite}.fits',
    'infrared/cal/{bpm,dark,flat,flux,wave}/{a,b}.fits',
    'simulations/{box1,box2}/snapshot_{000,099}/part-{000,001}.hdf5',
    'simulations/{box1,box2}/halos/{tree,list}.hdf5',
    'simulations/box1/restart/{1,2}.rst',
    'simulations/mocks/{north,south}/mock-{0001,0102}.fits',
    'simulations/{box1,box2}.{yaml,toml}',
    'software/releases/{pipeline,targets}-1.0.tar.gz',
    'software/containers/{pipeline,jupyter}.sif',
    'software/docs/{index,guide/start,guide/deep/end}.{rst,md,pdf}',
    'software/docs/_build/html/{index,start}.html',
    'software/repos/{pipeline,targets}.git/{HEAD,objects/ab/cd}',
  ],
};

/** The paths of a section's files. */
export function pathsOf(section) {
  return trees[section].flatMap(spelt);
}

function spelt(path) {
  const choice = /\{([^{}]*)\}/.exec(path);
  if (choice === null) return [path];
  return choice[1].split(',').flatMap((word) => spelt(path.replace(choice[0], word)));
}

/** Makes the tree and the configuration; gives the path of the latter. */
export function makeSkySurvey(folder, changes = {}) {
  const root = join(folder, 'tree');
  for (const section of Object.keys(trees)) {
    for (const path of pathsOf(section)) {
      const file = join(root, section, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${section}/${path}\n`);
    }
  }
  const map = JSON.parse(readFileSync(fileURLToPath(new URL('sky-survey.json', import.meta.url)), 'utf8'));
  delete map.$schema;
  map.__config__ = { ...map.__config__, root, physical_disks: false, ...changes };
  const config = join(folder, 'sky-survey.json');
  writeFileSync(config, `${JSON.stringify(map, null, 2)}\n`);
  return config;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2];
  if (folder === undefined) {
    process.stderr.write('usage: node examples/make-sky-survey.mjs DIR\n');
    process.exitCode = 2;
  } else process.stdout.write(`${makeSkySurvey(resolve(folder))}\n`);
}
