// What the command line makes of the same inputs.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { WEB, hostProgram } from '../scripts/cargo.mjs';

export const ROOT = dirname(WEB);
export const DATA = join(ROOT, 'tests/data');
const REAL = process.env.E2COMPRESS_REAL_DATA;

const INPUTS = /\.(mrcs?|st|map|ccp4|hdf)$/;

/** The option sets of the conformance suite: the command line's words, and the same in the form. */
export const OPTION_SETS = {
  bits2: [['--bits', '2'], { bits: 2 }],
  bits5: [['--bits', '5'], { bits: 5 }],
  bits8: [['--bits', '8'], { bits: 8 }],
  bits10: [['--bits', '10'], { bits: 10 }],
  bits12: [['--bits', '12'], { bits: 12 }],
  bits16: [['--bits', '16'], { bits: 16 }],
  level6: [['--bits', '5', '--compresslevel', '6'], { bits: 5, level: 6 }],
  auto: [['--bits', 'auto'], { bits: 'auto' }],
  autooutliers: [['--bits', 'auto', '--nooutliers'], { bits: 'auto', limits: 'nooutliers' }],
  float: [['--bits', '0'], { bits: 0 }],
  raw: [['--bits', '-1'], { bits: -1 }],
  nooutliers5: [['--bits', '5', '--nooutliers'], { bits: 5, limits: 'nooutliers' }],
  nooutliers12: [['--bits', '12', '--nooutliers'], { bits: 12, limits: 'nooutliers' }],
  sig44: [['--bits', '6', '--sigrange', '4,4'], { bits: 6, limits: 'sigma', pair: [4, 4] }],
  sig23: [['--bits', '9', '--sigrange', '2,3.5'], { bits: 9, limits: 'sigma', pair: [2, 3.5] }],
  range: [['--bits', '7', '--range=-1.5,2.25'], { bits: 7, limits: 'explicit', pair: [-1.5, 2.25] }],
  rangeint: [['--bits', '4', '--range=10,300'], { bits: 4, limits: 'explicit', pair: [10, 300] }],
};

/** Ways back to MRC, likewise. */
export const EXPANSIONS = Object.fromEntries(
  ['auto', '0', '1', '2', '6', '12'].map((mode) => [
    `expand-${mode}`,
    [['expand', '--mode', mode], { way: 'expand', mode: mode === 'auto' ? '' : mode }],
  ]),
);

/** What is made of EER movies, likewise. */
export const RENDERINGS = {
  eer: [['--bits', '4'], { bits: 4 }],
  'eer-fractions': [['--bits', '4', '--eer-fractions', '2', '--eer-upsampling', '2'], { bits: 4, fractions: 2, upsampling: 2 }],
  'eer-grouping': [['--bits', '0', '--eer-grouping', '3'], { bits: 0, grouping: 3 }],
  'expand-eer': [['expand', '--eer-fractions', '1'], { way: 'expand', fractions: 1 }],
};

function inputsOf(folder, named = INPUTS) {
  return readdirSync(folder).filter((name) => named.test(name)).map((name) => ({ folder, name }));
}

/** The inputs of the conformance suite, and EMAN2's outputs for some of them. */
export function conformance() {
  return [...inputsOf(DATA), ...inputsOf(join(DATA, 'eman2-hdf'))];
}

/** Files of formats whose pixels lie in the file as they are: those of each extension, as others have the same output. */
export function plainFormats() {
  const extension = (name) => name.slice(name.lastIndexOf('.') + 1).replace('hed', 'img');
  return ['dm', 'ser', 'spider', 'imagic'].flatMap((format) => {
    const folder = join(DATA, 'formats', format);
    const inputs = readdirSync(folder).filter((name) => !name.endsWith('.json')).map((name) => ({ folder, name }));
    const extensions = new Set(inputs.map(({ name }) => extension(name)));
    return [...extensions].map((each) => inputs.filter(({ name }) => extension(name) === each));
  });
}

/** What is left when headers go with the pixels beside them. */
export function pairs(inputs) {
  const names = new Set(inputs.map(({ name }) => name));
  return inputs.filter(({ name }) => !name.endsWith('.hed') || !names.has(name.replace('.hed', '.img')));
}

/** EER movies of every dialect, damaged ones too. */
export function movies() {
  return inputsOf(join(DATA, 'formats/eer'), /\.eer$/);
}

/** Images of every kind that `auto` decides on: noise, integers, counts, maps, stacks, and some that it can do nothing for. */
export function kindsForAuto() {
  return inputsOf(join(DATA, 'auto-bits'));
}

/** TIFF and compressed MRC of every kind, damaged ones too. */
export function packed() {
  return ['tiff', 'compressed'].flatMap((format) => inputsOf(join(DATA, 'formats', format), /\.(?!json$)\w+$/));
}

/** Real files, or null when nobody said where they are. */
export function real() {
  return REAL && existsSync(REAL) ? inputsOf(REAL) : null;
}

let program = null;

/** The command line, built on first use as the tests of its own workspace build it: it may well be there. */
export function commandLine() {
  program ??= hostProgram(['--workspace', '--bin', 'e2compress'], { directory: ROOT });
  return program;
}

/**
 * SHA-256 of what the command line makes of each input, by name; for a file it refuses, nothing.
 * Inputs are named without their folder, as a browser names them. The page is served meanwhile: it is in this process, and a
 * page that waits for it for long takes a worker for dead.
 */
export async function expected(inputs, words) {
  const found = {};
  // Files of one folder that differ in what follows the first dot may have one output: each such ending has its turn.
  const parts = (name) => [name.slice(0, name.indexOf('.')), name.slice(name.indexOf('.'))];
  const turns = new Map();
  for (const input of inputs) {
    const key = `${input.folder}\0${parts(input.name)[1]}`;
    turns.set(key, [...(turns.get(key) ?? []), input]);
  }
  for (const turn of turns.values()) {
    const out = mkdtempSync(join(tmpdir(), 'e2compress-expected-'));
    const [{ folder }] = turn;
    const names = turn.map(({ name }) => name);
    try {
      await promisify(execFile)(commandLine(), [...words, '--outpath', out, ...names], { cwd: folder, maxBuffer: 1 << 28 });
    } catch {
      // Some file was refused: it has no output.
    }
    const outputs = readdirSync(out);
    for (const name of names) {
      const output = outputs.find((output) => parts(output)[0] === parts(name)[0]);
      if (output) found[name] = createHash('sha256').update(readFileSync(join(out, output))).digest('hex');
    }
    rmSync(out, { recursive: true, force: true });
  }
  return found;
}
