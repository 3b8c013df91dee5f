// What is shown of a file is what is in it, and what the command line makes of it: pictures, parts, values, plans, parts as
// stored, predicted sizes.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { WEB } from '../scripts/cargo.mjs';
import { serve } from '../scripts/server.mjs';
import { launch, open } from './chromium.mjs';
import { ROOT, commandLine, conformance, kindsForAuto, movies, packed, plainFormats } from './expected.mjs';
import module from '../scripts/module.mjs';

const MRC_HEADER = 1024;
const LIMIT = 0.03;

const rendering = () => new module.Rendering(undefined, undefined, 1);
const ignored = () => undefined;

/** A file as the worker gives it to the module. */
function input(path) {
  const file = readFileSync(path);
  return { size: file.length, read: (offset, bytes) => bytes.set(file.subarray(offset, offset + bytes.length)) };
}

const opened = (path) => new module.Opened(input(path), path.split('/').at(-1), rendering());
const look = (path, image = 0, section) => new module.Look(opened(path), image, section);

/** Runs the command line and returns the one file that it made below a new folder. */
function made(words, path) {
  const out = mkdtempSync(join(tmpdir(), 'e2compress-look-'));
  after(() => rmSync(out, { recursive: true, force: true }));
  execFileSync(commandLine(), [...words, '--outpath', out, path], { stdio: 'ignore' });
  const [name, ...others] = readdirSync(out);
  assert.equal(others.length, 0);
  return join(out, name);
}

/** All pixels of a file as floats, by way of MRC: nothing of what is tested here takes part. */
function pixelsOf(path) {
  const file = path.endsWith('.hdf') ? path : made(['--bits', '-1'], path);
  const mrc = readFileSync(made(['expand', '--mode', '2'], file));
  const [nx, ny] = [mrc.readInt32LE(0), mrc.readInt32LE(4)];
  const start = MRC_HEADER + mrc.readInt32LE(92);
  const values = new Float32Array(mrc.buffer.slice(mrc.byteOffset + start, mrc.byteOffset + mrc.length));
  return { nx, ny, values };
}

/** Compares pixels, NaN with NaN; what differs is told without the rest, which may be thousands. */
function same(found, expected, what) {
  assert.equal(found.length, expected.length, what);
  const place = expected.findIndex((value, index) => !Object.is(found[index] + 0, value + 0));
  assert.equal(place, -1, `${what}: pixel ${place} is ${found[place]}, not ${expected[place]}`);
}

const joined = ({ folder, name }) => join(folder, name);
const some = (inputs, ...names) => inputs.filter(({ name }) => names.some((known) => name.startsWith(known))).map(joined);

/** One of each kind: pixel types, formats, stacks, volumes, values that are no numbers. */
const KINDS = [
  ...some(conformance(), 'u16_micrograph.mrc', 'f32_outliers.mrc', 'f32_volume.mrc', 'f32_stack.mrcs', 'u8_movie.mrcs'),
  ...some(conformance(), 'u4_mode101.mrc', 'f16.mrc', 'i16_tilt.st', 'nan_pixel.mrc', 'inf_pixel.mrc', 'big_endian_i16.mrc'),
  ...some(conformance(), 'f32_volume__bits8.hdf', 'u16_micrograph__bits16.hdf'),
  ...some(plainFormats().flat(), 'image_float32.dm3', 'stack_int16.dm4', 'i16_v220.ser', 'volume_big.spi'),
  ...some(packed(), 'stack.mrcs.gz', 'volume.mrc.gz', 'u16_lzw_pred2_bigendian.tif', 'f16_deflate.tif'),
  ...some(movies(), 'falcon4_65001.eer'),
];

const section = ({ nx, ny, values }, number) => values.subarray(number * nx * ny, (number + 1) * nx * ny);

test('pictures, parts and histograms are of the pixels that the command line reads', () => {
  assert.equal(KINDS.length, 22);
  for (const path of KINDS) {
    const all = pixelsOf(path);
    const shown = look(path);
    const picture = shown.picture(opened(path), 12);
    const { nx, ny, columns, reduction, values } = picture;
    assert.deepEqual([nx, ny], [all.nx, all.ny], path);
    assert.equal(reduction, Math.ceil(Math.max(nx, ny) / 12), path);
    const pixels = section(all, picture.section);
    for (let place = 0; place < values.length; place++) {
      const [row, column] = [Math.floor(place / columns), place % columns];
      let [sum, count] = [0, 0];
      for (let y = row * reduction; y < Math.min(ny, (row + 1) * reduction); y++) {
        for (let x = column * reduction; x < Math.min(nx, (column + 1) * reduction); x++) {
          const pixel = pixels[y * nx + x];
          if (Number.isFinite(pixel)) [sum, count] = [sum + pixel, count + 1];
        }
      }
      if (count === 0) assert.ok(Number.isNaN(values[place]), path);
      else assert.ok(Math.abs(values[place] - sum / count) <= 1e-5 * Math.max(1, Math.abs(picture.white), Math.abs(sum / count)), path);
    }
    const crop = shown.crop(opened(path), 3, -2, 10, 9);
    assert.deepEqual([crop.x, crop.y, crop.nx, crop.ny], [3, 0, Math.min(10, nx - 3), Math.min(7, ny)], path);
    const cut = Array.from({ length: crop.ny }, (_, y) => Array.from(pixels.subarray(y * nx + 3, y * nx + 3 + crop.nx))).flat();
    same(crop.values, cut, path);
    const histogram = shown.histogram(opened(path));
    const finite = pixels.filter(Number.isFinite);
    assert.equal(histogram.counts.reduce((sum, count) => sum + count, 0), finite.length, path);
    const first = finite.filter((pixel) => Math.floor((pixel - histogram.low) / histogram.width) === 0).length;
    assert.equal(histogram.counts[0], first, path);
    shown.free();
  }
});

/** Plans of the command line: for each file those of its images. */
function plansOf(paths, words = []) {
  const { stdout } = spawnSync(commandLine(), ['plan', '--json', ...words, ...paths], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const plans = new Map();
  for (const { file, ...plan } of stdout.trim().split('\n').map(JSON.parse)) plans.set(file, [...(plans.get(file) ?? []), plan]);
  return plans;
}

/** The plan of a file, whose name counts: an output has it. */
function planned(path, image, limits = ignored, name = path) {
  const settings = new module.Settings('auto', undefined);
  limits(settings);
  return module.plan(input(path), name, rendering(), image, settings, ignored);
}

test('plans are those of the command line', () => {
  const paths = [...conformance(), ...kindsForAuto(), ...movies(), ...packed()].map(joined);
  const plans = plansOf(paths);
  assert.ok(plans.size > 80, `${plans.size}`);
  for (const [path, images] of plans) {
    for (const promised of new Set([images[0], images.at(-1)])) {
      // An image that is planned alone has the same plan as among all of them.
      assert.deepEqual(planned(path, promised.image).plan, promised, path);
    }
  }
  const [path] = some(kindsForAuto(), 'hot_pixels.mrc');
  const narrow = plansOf([path], ['--nooutliers']).get(path)[0];
  assert.deepEqual(planned(path, 0, (settings) => settings.noOutliers()).plan, narrow);
  assert.throws(() => planned(path, 1), /there is no image 1: there are 1/);
});

test('the words of a plan are the table that the command line prints', () => {
  for (const path of some(kindsForAuto(), 'damped.mrc', 'hot_pixel_too_far.mrc', 'counts_sparse.mrc', 'constant.mrc', 'nan.mrc')) {
    const printed = execFileSync(commandLine(), ['plan', path], { encoding: 'utf8' }).trim().split('\n');
    const { heading, rows, words, plan } = planned(path, 0);
    assert.equal(printed[0], `${path}: ${heading}`);
    const cells = rows.map((row) => [`${row.bits}${row.chosen ? '*' : ''}`, row.step, row.step_over_noise, row.loss, row.size]);
    const shown = printed.slice(2, -1).map((line) => line.trim().split(/\s{2,}|(?<=\d\*?) (?=\d)/));
    assert.deepEqual(shown.map((line) => line.join(' ')), cells.map((row) => row.join(' ').trim()), path);
    assert.equal(printed.at(-1).replace(/^ (\* )?/, ''), words);
    for (const { bits, low, high, exact, lost } of rows) {
      const row = plan.table.find((row) => row.bits === bits);
      assert.deepEqual({ low, high, exact, lost }, { low: row.low, high: row.high, exact: row.exact, lost: row.lost });
    }
  }
});

test('parts as stored are what an output of the command line holds', () => {
  for (const path of KINDS.filter((path) => !path.endsWith('.hdf'))) {
    const shown = look(path);
    const number = shown.section();
    const crop = shown.crop(opened(path), 0, 0, 4096, 4096);
    const { table } = planned(path, 0).plan;
    for (const { bits, low, high } of table.filter(({ bits }) => [2, 5, 8, 12].includes(bits))) {
      const stored = module.stored(crop.values, crop.nx, low, high, bits);
      const written = pixelsOf(made(['--bits', `${bits}`], path));
      same(stored.values, section(written, number), `${path}, ${bits} bits`);
    }
    shown.free();
  }
});

test('spectra have the density that plans state', () => {
  const path = join(ROOT, 'examples/micrograph.mrc');
  const shown = look(path);
  const crop = shown.crop(opened(path), 0, 0, 512, 512);
  const { plan } = planned(path, 0);
  const { low, high, error, bits } = plan.table.find((row) => row.chosen);
  const stored = module.stored(crop.values, crop.nx, low, high, bits);
  const from = (spectrum, least) => spectrum.density.filter((_, place) => spectrum.frequency[place] >= least);
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.ok(Math.abs(mean(from(stored.error, 0)) / error - 1) < 0.05, `${mean(from(stored.error, 0))} ${error}`);
  // The quiet tenth of the blocks, which the floor is taken from, is not far from all of them in noise.
  const high_frequencies = mean(from(stored.image, 0.45));
  assert.ok(Math.abs(high_frequencies / plan.noise.density.at(-1) - 1) < 0.15, `${high_frequencies} ${plan.noise.density}`);
  assert.ok(Math.abs(stored.rms ** 2 / error - 1) < 0.05);
  assert.throws(() => module.stored(crop.values, crop.nx, high, low, 5), /first number must be smaller/);
  assert.throws(() => module.stored(crop.values, crop.nx, low, high, 17), /bits must be 2 to 16/);
});

const predicted = (path, bits, level) => {
  const settings = new module.Settings(bits, level);
  return module.predict(input(path), path, rendering(), settings, ignored);
};

test('predicted sizes are within 3 per cent of real ones', () => {
  const noisy = some(kindsForAuto(), 'white.mrc', 'damped', 'half_noisier', 'integrated_u16', 'counts_movie', 'particles', 'hot_pixels');
  for (const path of [...noisy, join(ROOT, 'examples/micrograph.mrc')]) {
    for (const bits of ['auto', '4', '5', '8', '0', '-1']) {
      const found = predicted(path, bits);
      const real = statSync(made(['--bits', bits], path)).size;
      const off = found.output_bytes / real - 1;
      assert.ok(Math.abs(off) < LIMIT, `${path}, ${bits} bits: ${found.output_bytes} for ${real}`);
      assert.equal(found.exact, bits === '-1');
    }
  }
  const [path] = some(conformance(), 'u16_micrograph.mrc');
  assert.match(predicted(path, '5').words, /^5 bits, about [\d.]+ KiB, at most [\d.]+ % of the information lost$/);
  const back = module.predictExpansion(input(path), path, rendering(), undefined);
  assert.equal(back.output_bytes, statSync(made(['expand'], path)).size);
});

/** Asks a worker of the page's own for things, as its engine does. */
async function ask(page, threads, inputs) {
  return page.evaluate(
    async ({ coordinator, modules, threads, inputs }) => {
      const worker = new Worker(coordinator, { type: 'module', name: `test ${crypto.randomUUID()}` });
      const waiting = [];
      worker.onmessage = ({ data }) => data.type === 'progress' || waiting.shift()(data);
      const next = () => new Promise((resolve) => waiting.push(resolve));
      const say = (request, buffers = []) => {
        const reply = next();
        worker.postMessage(request, buffers);
        return reply;
      };
      const started = await say({ modules: new URL(modules, document.baseURI).href, threads });
      if (started.type !== 'ready') throw new Error(started.message);
      const found = [];
      let id = 0;
      for (const { name, text } of inputs) {
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        const file = { name, size: bytes.length, file: new File([bytes], name), other: null };
        const of = { file, eer: null, image: 0, section: null, known: ++id };
        const choice = { way: 'compress', bits: 'auto', level: null, limits: { kind: 'all' }, eer: null };
        const first = await say({ type: 'picture', id: ++id, ...of, most: 12 });
        if (first.type === 'failed') {
          found.push(first.message);
          continue;
        }
        const { picture } = first;
        const { crop } = await say({ type: 'crop', id: ++id, ...of, x: 0, y: 0, nx: 9, ny: 8 });
        const { histogram } = await say({ type: 'histogram', id: ++id, ...of, section: picture.section });
        const { plan } = await say({ type: 'plan', id: ++id, ...of, choice });
        const [low, high] = [picture.black, picture.white];
        const { stored } = await say({ type: 'stored', id: ++id, crop, low, high, bits: 5 });
        const { prediction } = await say({ type: 'predict', id: ++id, file, choice });
        const missing = await say({ type: 'crop', id: ++id, ...of, section: 999, x: 0, y: 0, nx: 1, ny: 1 });
        const numbers = ({ values, difference, ...rest }) => ({ ...rest, values: [...values], ...(difference && { difference: [...difference] }) });
        const texts = { picture: numbers(picture), crop: numbers(crop), histogram, plan, stored: numbers(stored), prediction };
        // NaN does not come through JSON, but through what Playwright takes.
        found.push({ ...texts, missing: missing.message });
      }
      worker.terminate();
      return found;
    },
    { ...places(), threads, inputs },
  );
}

/** Where the built page has its worker and its modules. */
function places() {
  const [assets, all] = [readdirSync(join(WEB, 'dist/assets')), readdirSync(join(WEB, 'dist'))];
  const coordinator = assets.find((name) => name.startsWith('coordinator-'));
  return { coordinator: `assets/${coordinator}`, modules: `${all.find((name) => name.startsWith('wasm-'))}/` };
}

describe('in Chromium', () => {
  let server, browser, page;
  before(async () => {
    server = await serve({ headers: true });
    browser = await launch();
    page = await open(browser.context, server.address);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  for (const threads of [0, 2]) {
    test(`a worker with ${threads} threads answers as the module does`, async () => {
      const paths = some(conformance(), 'u16_micrograph.mrc', 'f32_volume.mrc', 'u8_movie.mrcs', 'nan_pixel.mrc', 'f32_volume__bits8.hdf');
      paths.push(...some(packed(), 'stack.mrcs.gz', 'f32_deflate_tiles_pred3.tif'), ...some(movies(), 'falcon4_65001.eer'));
      // A damaged one among them.
      paths.splice(3, 0, ...some(packed(), 'tiff_strip_cut.tif'));
      assert.equal(paths.length, 9);
      const inputs = paths.map((path) => ({ name: path.split('/').at(-1), text: readFileSync(path, 'base64') }));
      const found = await ask(page, threads, inputs);
      assert.equal(found.filter((answer) => typeof answer === 'string').length, 1);
      for (const [place, path] of paths.entries()) {
        const name = inputs[place].name;
        if (typeof found[place] === 'string') {
          assert.equal(name, 'tiff_strip_cut.tif');
          assert.throws(() => look(path), { message: found[place] });
          continue;
        }
        const shown = look(path);
        const crop = shown.crop(opened(path), 0, 0, 9, 8);
        const picture = shown.picture(opened(path), 12);
        const stored = module.stored(crop.values, crop.nx, picture.black, picture.white, 5);
        const arrays = ({ values, difference, ...rest }) => ({ ...rest, values: [...values], ...(difference && { difference: [...difference] }) });
        const settings = new module.Settings('auto', undefined);
        const prediction = module.predict(input(path), name, rendering(), settings, ignored);
        const { missing, ...rest } = found[place];
        assert.deepEqual(rest, {
          picture: arrays(picture),
          crop: arrays(crop),
          histogram: shown.histogram(opened(path)),
          plan: planned(path, 0, ignored, name),
          stored: arrays(stored),
          prediction,
        }, name);
        assert.equal(missing, `there is no section 999: there are ${picture.sections}, numbered from 0`);
        shown.free();
      }
    });
  }

  test('a micrograph of 4096 x 4096 floats is there in half a second, and a part as stored in 50 ms', async () => {
    const times = await page.evaluate(async ({ coordinator, modules }) => {
      const worker = new Worker(coordinator, { type: 'module', name: `test ${crypto.randomUUID()}` });
      const say = (request) =>
        new Promise((resolve) => {
          worker.onmessage = ({ data }) => data.type === 'progress' || resolve(data);
          worker.postMessage(request);
        });
      await say({ modules: new URL(modules, document.baseURI).href, threads: 0 });
      const header = new Int32Array(256);
      header.set([4096, 4096, 1, 2]);
      header.set([4096, 4096, 1], 7);
      header.set([1, 2, 3], 16);
      header.set([0x2050414d, 0x4444], 52);
      const pixels = new Float32Array(4096 * 4096);
      for (let place = 0; place < pixels.length; place++) pixels[place] = Math.random() + Math.random() + Math.random();
      const whole = new File([header, pixels], 'a.mrc');
      const file = { name: 'a.mrc', size: whole.size, file: whole, other: null };
      const choice = { way: 'compress', bits: 'auto', level: null, limits: { kind: 'all' }, eer: null };
      const times = { picture: [], crop: [], histogram: [], plan: [], stored: [] };
      const timed = async (request) => {
        const began = performance.now();
        const reply = await say({ id: 1, ...request });
        if (reply.type === 'failed') throw new Error(reply.message);
        times[request.type].push(performance.now() - began);
        return reply;
      };
      for (let known = 0; known < 5; known++) {
        const of = { known, file, eer: null, image: 0, section: null };
        await timed({ type: 'picture', ...of, most: 1024 });
        const { crop } = await timed({ type: 'crop', ...of, x: 1000, y: 1000, nx: 512, ny: 512 });
        await timed({ type: 'histogram', ...of });
        await timed({ type: 'stored', crop, low: 0, high: 3, bits: 5 });
      }
      await timed({ type: 'plan', file, eer: null, image: 0, choice });
      worker.terminate();
      return times;
    }, places());
    const best = Object.fromEntries(Object.entries(times).map(([name, all]) => [name, Math.round(Math.min(...all))]));
    console.log('ms, the best of five:', JSON.stringify(best));
    assert.ok(best.picture < 500 && best.stored < 50 && best.crop < 50, JSON.stringify(times));
  });
});
