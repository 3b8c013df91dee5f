// The page beside the command: node bench-page.mjs PROGRAM PYTHON [ROUNDS]. Run by `cargo xtask bench page`.
//
// What is timed. The page: from the first request to make an output to the reply about the last one,
// as its own window sends and gets them, so with everything between the files of a list. Files are
// on the list by then, their headers are read, and what they are expected to become is known. The
// command: the whole process, on the same files, with the same threads. Rounds are interleaved; the
// first one only warms up. Everything lies in memory, where the machine has a file system that does.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choose, launch, open } from '../tests/chromium.mjs';
import { build } from './build.mjs';
import { ROOT_FOLDER } from './cargo.mjs';
import { serve } from './server.mjs';

const [PROGRAM, PYTHON, ROUNDS = '7'] = process.argv.slice(2);
const IN_MEMORY = '/dev/shm';

/** What is run, in the order of the generator's lines. */
const RUNS = [
  { title: '3 x 64 MiB of floats, 5 bits', bits: 5, goal: 3.1 },
  { title: 'a movie of 342 MB in bytes, 4 bits', bits: 4, goal: 2.5 },
];

function run(words, folder) {
  const began = performance.now();
  const { status, stdout, stderr, error } = spawnSync(words[0], words.slice(1), { cwd: folder, encoding: 'utf8' });
  const taken = performance.now() - began;
  if (status !== 0) throw new Error(`${words.join(' ')}: ${error ?? stderr}`);
  return { taken, stdout };
}

/** Notes in the page what goes to its workers to be made, and what comes back. */
function listen() {
  self.noted = { asked: [], made: [], inspected: 0, failed: [] };
  self.Worker = class extends Worker {
    constructor(...words) {
      super(...words);
      this.addEventListener('message', ({ data }) => {
        const { made, failed } = self.noted;
        if (data.type === 'made') made.push({ ...data.made, at: performance.now() });
        if (data.type === 'inspected') self.noted.inspected++;
        if (data.type === 'failed' || data.type === 'broken') failed.push(data.message);
      });
    }
    postMessage(message, ...more) {
      if (message.type === 'make') self.noted.asked.push({ place: message.place, at: performance.now() });
      super.postMessage(message, ...more);
    }
  };
}

/** The page's time for some files, and the shares of it. */
async function pageRun(page, paths, bits) {
  const count = paths.length;
  const past = (count) => page.waitForFunction((count) => self.noted.inspected >= count || self.noted.failed.length > 0, count);
  await choose(page, { bits });
  const before = await page.evaluate(() => {
    self.noted.asked = [];
    self.noted.made = [];
    return self.noted.inspected;
  });
  await page.setInputFiles('input[type=file]', paths);
  await past(before + count);
  // People start when they have seen what is expected; until then measuring has the cores.
  await page.locator('#expected').filter({ hasText: 'expected' }).waitFor();
  await page.locator('.look-split canvas[data-bits]:not([data-bits=""])').waitFor();
  await page.waitForTimeout(300); // what the page draws of it
  await page.getByRole('button', { name: /^Start/ }).first().click();
  await page.waitForFunction((count) => self.noted.made.length >= count || self.noted.failed.length > 0, count);
  const { asked, made, failed } = await page.evaluate(() => self.noted);
  if (failed.length > 0) throw new Error(failed.join());
  const total = made.at(-1).at - asked[0].at;
  const sum = (of) => made.reduce((sum, one) => sum + 1000 * of(one), 0);
  const [reading, writing, proof] = ['reading', 'writing', 'proof'].map((wait) => sum(({ waits }) => waits[wait]));
  const computing = sum(({ seconds }) => seconds) - reading - writing - proof;
  return { total, reading, computing, writing, proof, places: asked.map(({ place }) => place) };
}

/** SHA-256 of outputs in the page's storage. */
function digests(page, places) {
  return page.evaluate(async (places) => {
    const root = await navigator.storage.getDirectory();
    return Promise.all(places.map(async ({ folder, name }) => {
      const file = await (await (await root.getDirectoryHandle(folder)).getFileHandle(name)).getFile();
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
      return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    }));
  }, places);
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const least = (values) => Math.min(...values);

function report({ title, goal }, page, command) {
  const totals = page.map(({ total }) => total);
  const line = (name, of) => {
    const [ours, theirs] = [of(totals), of(command)];
    console.log(`  ${name.padEnd(8)} command ${theirs.toFixed(0)} ms, page ${ours.toFixed(0)} ms: ${(ours / theirs).toFixed(2)} times`);
  };
  console.log(`${title}, ${page.length} rounds; goal: ${goal} times the command's time`);
  line('median', median);
  line('least', least);
  const ratios = page.map(({ total }, round) => total / command[round]);
  console.log(`  median of the rounds' ratios: ${median(ratios).toFixed(2)}`);
  const shares = ['reading', 'computing', 'writing', 'proof'].map((part) => {
    const share = median(page.map((round) => round[part] / round.total));
    return `${part} ${(100 * share).toFixed(0)} %`;
  });
  const between = median(page.map((round) => 1 - (round.reading + round.computing + round.writing + round.proof) / round.total));
  console.log(`  the page's time: ${shares.join(', ')}, between files ${(100 * between).toFixed(0)} %`);
}

await build();
const root = mkdtempSync(join(existsSync(IN_MEMORY) ? IN_MEMORY : tmpdir(), 'e2compress-bench-'));
try {
  const { stdout } = run([PYTHON, join(ROOT_FOLDER, 'benches/page_inputs.py'), root], root);
  const inputs = stdout.trim().split('\n').map((line) => line.split(' '));
  const profile = join(root, 'profile');
  mkdirSync(profile);
  const server = await serve();
  const browser = await launch({ profile });
  try {
    await browser.context.addInitScript(listen);
    const page = await open(browser.context, server.address);
    const atOnce = page.locator('[name=atonce]');
    if (await atOnce.count()) await atOnce.uncheck();
    const threads = parseInt(await page.locator('#threads').innerText(), 10);
    console.log(`${threads} threads each; ${statSync(join(root, inputs[1][0])).size} bytes of movie`);
    const times = RUNS.map(() => ({ page: [], command: [] }));
    for (let round = 0; round <= Number(ROUNDS); round++) {
      for (const [index, { bits }] of RUNS.entries()) {
        const names = inputs[index];
        const made = await pageRun(page, names.map((name) => join(root, name)), bits);
        const out = join(root, 'out');
        rmSync(out, { recursive: true, force: true });
        const { taken } = run([PROGRAM, '--threads', String(threads), '--bits', String(bits), '--outpath', out, ...names], root);
        const promised = names.map((name) => {
          const bytes = readFileSync(join(out, name.replace(/\.mrcs?$/, '.hdf')));
          return createHash('sha256').update(bytes).digest('hex');
        });
        const found = await digests(page, made.places);
        if (found.join() !== promised.join()) throw new Error('the page has made other bytes than the command');
        if (round === 0) continue;
        times[index].page.push(made);
        times[index].command.push(taken);
      }
    }
    for (const [index, what] of RUNS.entries()) report(what, times[index].page, times[index].command);
  } finally {
    await browser.close();
    await server.close();
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
