// What all files are expected to become, told from some of them: which are looked at, and what is said of the sum.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { runnerImport } from 'vite';
import { WEB } from '../scripts/cargo.mjs';

const load = async (name) => (await runnerImport(join(WEB, `src/page/${name}.ts`), { configFile: false, logLevel: 'error' })).module;
const { Forecast } = await load('forecast');
const { Job } = await load('job');
const { MOST_DOUBT, Tally, WORTHLESS } = await load('tally');
const fmt = await load('fmt');

/** Numbers from 0 to 1, the same every time. */
function numbers(seed) {
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
}

/** Bytes of an output: what is around the pixels, and a part of them. */
const output = (pixels, rate) => Math.round(8000 + 4 * pixels * rate);
const square = (side, rate, { format = 'MRC', type = '32-bit floats', slow = false } = {}) => ({
  size: 1024 + 4 * side * side, unpacked: 4 * side * side, output: output(side * side, rate), format, type, slow,
});
const many = (count, one) => Array.from({ length: count }, (_, index) => one(index));

/** Looks at files as the page does, and returns what was said of the sum at each step. */
function forecast(files, { inspecting = 0, seen = 0 } = {}) {
  const watchers = [];
  const tally = new Tally();
  const jobs = files.map(({ size, unpacked, format, type, images = 1 }, index) => {
    const job = new Job({ file: { name: `${index}.mrc`, size }, folder: '' });
    job.watch(() => {
      tally.note(job);
      for (const { changed } of watchers) changed(job);
    });
    job.inspection = { info: { format, type, images, uncompressed_bytes: unpacked } };
    return job;
  });
  const choice = {};
  const queue = { tally, jobs, running: null, watch: (watcher) => watchers.push(watcher) };
  const found = new Forecast(queue, { choice, watch: () => undefined }, () => jobs.slice(0, seen));
  for (const [index, job] of jobs.entries()) job.state = { is: index < inspecting ? 'inspecting' : 'waiting' };
  const said = [];
  const late = new Set();
  for (let task = found.next(false) ?? found.next(true); task; task = found.next(false) ?? found.next(true)) {
    const file = files[jobs.indexOf(task.job)];
    if (file.slow && !late.has(task.job)) {
      late.add(task.job);
      // Begun, as by the page, and given up for others that are quick.
      void task.run({ askOnce: () => new Promise(() => undefined) }, new AbortController().signal);
      task.gaveWay();
    } else {
      // What the answer does, without waiting for it.
      void task.run({ askOnce: () => new Promise(() => undefined) }, new AbortController().signal);
      if (file.output === null) task.job.doubt = 'damaged';
      else task.job.prediction = { output_bytes: file.output, most_bytes: null };
    }
    said.push({ ...(tally.expected ?? { bytes: 0, doubt: Infinity }), words: fmt.expected(tally) });
  }
  const real = files.reduce((sum, file) => sum + (file.output ?? 0), 0);
  return { said, last: said.at(-1), real, looked: tally.predicted };
}

const KINDS = {
  'many small and one large': [...many(100, () => square(128, 0.2)), square(3000, 0.19)],
  'many small and four large': [...many(100, () => square(128, 0.2)), ...many(4, (index) => square(3000, 0.15 + 0.03 * index))],
  'the large one first': [square(9000, 0.1), ...many(300, () => square(200, 0.3))],
  'one size, two kinds of contents': many(200, (index) => square(512, index % 2 ? 0.01 : 0.25)),
  'one size, a tenth of them blank': many(2000, (index) => square(512, index % 10 ? 0.2 : 0.001)),
  'sizes that go up': many(600, (index) => square(100 + 3 * index, 0.2 + 0.0001 * index)),
  'two formats of other rates': many(400, (index) => square(700, index % 4 ? 0.05 : 0.25, { format: index % 4 ? 'TIFF' : 'MRC' })),
  'two types of other rates': many(400, (index) => square(700, index < 390 ? 0.05 : 0.5, { type: index < 390 ? 'bytes' : 'floats' })),
  'packed files of one length': [...many(60, () => ({ ...square(4000, 0.002), size: 50_000 })), ...many(60, () => ({ ...square(100, 0.2), size: 50_000 }))],
  'noise of any strength': (() => {
    const next = numbers(5);
    return many(1500, () => square(400 + Math.floor(40 * next()), 0.05 + 0.3 * next()));
  })(),
  'few of very different sizes': [square(200, 0.2), { ...square(30_000, 0.002, { slow: true }), size: 18e6 }, square(28_000, 0.002, { slow: true })],
  // Both ends are looked at first.
  'many small, and larger ones whose ends cannot be read': [
    ...many(70, () => square(128, 0.5)),
    ...many(57, (index) => ({ ...square(600, 0.2), size: 300_000 + 100 * index, ...(index < 2 || index > 54 ? { output: null } : {}) })),
  ],
  'a few that cannot be read': [...many(90, () => square(300, 0.2)), ...many(10, () => ({ ...square(300, 0.2), output: null }))],
};

for (const [name, files] of Object.entries(KINDS)) {
  test(`the sum of ${name}`, (context) => {
    for (const seen of [0, 10]) {
      const { said, last, real, looked } = forecast(files, { seen });
      context.diagnostic(`${looked} of ${files.length} looked at, ${((last.bytes / real - 1) * 100).toFixed(2)} % off`);
      assert.ok(last.doubt <= MOST_DOUBT, `in the end: ${last.words}`);
      assert.ok(Math.abs(last.bytes / real - 1) <= MOST_DOUBT, `${last.bytes} bytes expected, ${real} real`);
      // What is said holds, but for what 95 % leaves.
      for (const { bytes, doubt, words } of said.filter(({ doubt }) => doubt <= WORTHLESS)) {
        assert.ok(Math.abs(bytes - real) <= 1.3 * Math.max(doubt, MOST_DOUBT) * bytes, `${words}; ${fmt.bytes(real)} real`);
      }
      for (const { doubt, words } of said) {
        if (doubt > WORTHLESS && words !== '') assert.match(words, /^size expected of the \d+ files waiting: not known yet$/);
      }
    }
  });
}

test('of many files that are alike few are looked at, and few of kinds that count for nothing', () => {
  const { looked, last, real } = forecast([...many(5000, () => square(512, 0.2)), ...many(20, () => square(16, 0.2, { type: 'bytes' }))]);
  assert.ok(looked >= 50 && looked <= 110, `${looked} looked at`);
  assert.ok(Math.abs(last.bytes / real - 1) < 0.01);
});

test('files whose headers are not known count as unknown', () => {
  const { said } = forecast(many(100, () => square(300, 0.2)), { inspecting: 1 });
  assert.ok(said.length > 0);
  for (const { words } of said) assert.equal(words, 'size expected of the 100 files waiting: not known yet');
});
