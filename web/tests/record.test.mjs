// The page's record is the command's: the same lines, and what each proves the other takes.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { choose, open, settled } from './chromium.mjs';
import { DATA, commandLine, expected } from './expected.mjs';
import { folder, small } from './inputs.mjs';
import { COLLECT, details, outcomes, row } from './rows.mjs';
import { suite } from './scenario.mjs';
import { drawn, soon } from './waits.mjs';

const INPUT = 'input[type=file]';
const NAMES = ['u16_micrograph.mrc', 'f32_stack.mrcs', 'f32_positive.mrc', 'eman2-hdf/u8_movie__bits5.hdf'];


/** A fresh page, and a folder with copies of the inputs and one file that is none. */
async function setUp(context, fields = { bits: 5 }) {
  const here = folder(context);
  const paths = NAMES.map((name) => join(here, basename(name)));
  NAMES.forEach((name, place) => copyFileSync(join(DATA, name), paths[place]));
  writeFileSync(join(here, 'bad.mrc'), 'no image');
  const page = await open(suite.browser.context, suite.server.address);
  context.after(() => page.close());
  await page.click('button[type=reset]');
  await choose(page, fields);
  await page.check('[name=atonce]');
  return { here, page, paths: [...paths, join(here, 'bad.mrc')] };
}

/** Saves what a click gives, and returns its text. */
async function saved(page, click) {
  const [download] = await Promise.all([page.waitForEvent('download'), click()]);
  return { name: download.suggestedFilename(), path: await download.path() };
}

/** Waits until something is said of a file. */
async function told(page, path, words) {
  await (await details(page, basename(path))).locator('.line').filter({ hasText: words }).waitFor();
}

async function recordOf(page) {
  const { name, path } = await saved(page, () => page.click('#save-record'));
  assert.equal(name, 'e2compress.jsonl');
  return readFileSync(path, 'utf8');
}

/** Runs the command beside the inputs; some file may fail. */
function command(here, words) {
  return spawnSync(commandLine(), words, { cwd: here, encoding: 'utf8' });
}

/** The lines of the command's record, without the folders that a page does not know. */
function promised(here, words, paths) {
  command(here, [...words, '--outpath', 'out', '--overwrite', '--report', `r${words.length}.jsonl`, ...paths.map((path) => basename(path))]);
  const text = readFileSync(join(here, `r${words.length}.jsonl`), 'utf8');
  // Browsers do not tell when an output was written.
  const timeless = text.replaceAll(/"modified_ns":\d+/g, '"modified_ns":null');
  // Nor does a page know what something may still write to.
  const settled = timeless.replaceAll(/,?"the input changed less than [^"]*"/g, '');
  return settled.replaceAll(`${here}/out/`, '').replaceAll(`${here}/`, '').replaceAll(TIME, '').trim().split('\n').sort();
}

/** When a line was written. */
const TIME = /,"time_ns":\d{19}(?=[,}])/g;

const linesOf = (text) => {
  const lines = text.trim().split('\n');
  assert.ok(lines.every((line) => line.match(TIME)?.length === 1), 'each line has its time');
  return lines.map((line) => line.replace(TIME, '')).sort();
};

const OPTIONS = [
  [['--bits', '5'], { bits: 5 }],
  // A range whose ends have no short names as 64-bit numbers.
  [['--bits', '4', '--compresslevel', '3', '--range=-0.1,99.998'], { bits: 4, level: 3, limits: 'explicit', pair: [-0.1, 99.998] }],
  [['--bits', 'auto', '--sigrange', '2,3.3'], { bits: 'auto', limits: 'sigma', pair: [2, 3.3] }],
  [['--bits', '0'], { bits: 0 }],
];

for (const [words, fields] of OPTIONS) {
  test(`lines are those of --report: ${words.join(' ')}`, { timeout: 400_000 }, async (context) => {
    const { here, page, paths } = await setUp(context, fields);
    await page.setInputFiles(INPUT, paths);
    await settled(page);
    // Nobody compared the outputs with the inputs yet.
    assert.deepEqual(linesOf(await recordOf(page)), promised(here, [...words, '--no-verify'], paths));
    await page.click('#verify-all');
    for (const path of paths.slice(0, -1)) await told(page, path, 'verified: sound');
    const found = linesOf(await recordOf(page));
    assert.ok(found.some((line) => JSON.parse(line).error?.rms > 0) || words.includes('0'));
    // The page compares when it is asked to, the command while it compresses: figures are the same to the last digit.
    assert.deepEqual(found, promised(here, words, paths));
  });
}

test('movies are recorded with what is made of them, a pair by both its files', { timeout: 400_000 }, async (context) => {
  const { here, page } = await setUp(context, { bits: 4, fractions: 2, upsampling: 2 });
  const others = ['eer/falcon_65002_7_1_1.eer', 'imagic/intg_little.img', 'imagic/intg_little.hed'].map((name) => join(DATA, 'formats', name));
  const paths = others.map((path) => join(here, basename(path)));
  others.forEach((path, place) => copyFileSync(path, paths[place]));
  await page.setInputFiles(INPUT, paths);
  await settled(page);
  const words = ['--bits', '4', '--eer-fractions', '2', '--eer-upsampling', '2', '--no-verify'];
  assert.deepEqual(linesOf(await recordOf(page)), promised(here, words, paths.slice(0, -1)));
});

test('what verify says is what the command says', async (context) => {
  const { here, page, paths } = await setUp(context);
  const [path] = paths;
  await page.setInputFiles(INPUT, path);
  await settled(page);
  const name = basename(path);
  const panel = await details(page, name);
  const output = await saved(page, () => panel.locator('a[download]').click());
  mkdirSync(join(here, 'page'));
  copyFileSync(output.path, join(here, 'page/u16_micrograph.hdf'));
  await panel.getByRole('button', { name: `Verify ${name}` }).click();
  await told(page, path, 'verified: sound');
  const { stdout, status } = command(here, ['verify', 'page/u16_micrograph.hdf', name]);
  assert.equal(status, 0);
  const words = /sound, .*/.exec(stdout)[0];
  await soon(async () => assert.ok((await panel.locator('.line').innerText()).includes(words), words));
  const sum = createHash('sha256').update(readFileSync(output.path)).digest('hex');
  await panel.locator('dd').filter({ hasText: `${sum}, of the output` }).waitFor();
});

test('the command resumes from the page, and the page from the command', { timeout: 400_000 }, async (context) => {
  const { here, page, paths } = await setUp(context);
  const inputs = paths.slice(0, 3);
  await page.setInputFiles(INPUT, inputs);
  await settled(page);
  mkdirSync(join(here, 'out'));
  for (const path of inputs) {
    const panel = await details(page, basename(path));
    const output = await saved(page, () => panel.locator('a[download]').click());
    copyFileSync(output.path, join(here, 'out', output.name));
  }
  writeFileSync(join(here, 'page.jsonl'), await recordOf(page));
  const words = ['--bits', '5', '--outpath', 'out', '--resume', 'page.jsonl'];
  const { stdout } = command(here, [...words, '--report', 'both.jsonl', ...inputs]);
  assert.equal(stdout.match(/done before, as/g)?.length, 3, stdout);

  execFileSync(commandLine(), ['--bits', '5', '--outpath', 'again', '--report', 'command.jsonl', ...inputs], { cwd: here });
  await page.reload();
  await page.setInputFiles(INPUT, [join(here, 'command.jsonl'), ...inputs]);
  await page.locator('#totals').filter({ hasText: '3 done before' }).waitFor();
  for (const path of inputs) {
    await row(page, basename(path)).and(page.locator('[data-state=before]')).waitFor();
    await told(page, path, /^Done before, as \w+\.hdf/);
  }
  await page.locator('#record').filter({ hasText: /^command\.jsonl names 3 files as done$/ }).waitFor();
});

test('a record proves nothing of other settings, other bytes, or what failed, and no more than the user wants', { timeout: 400_000 }, async (context) => {
  const { here, page, paths } = await setUp(context);
  const [, stack, floats] = paths;
  const record = join(here, 'r.jsonl');
  command(here, ['--bits', '5', '--outpath', 'out', '--report', record, ...paths]);
  // The same name and length, and one other byte.
  const bytes = readFileSync(floats);
  bytes[bytes.length - 2] ^= 1;
  writeFileSync(floats, bytes);
  await page.setInputFiles(INPUT, record);
  await page.locator('#record').filter({ hasText: 'names 4 files as done' }).waitFor();
  await page.setInputFiles(INPUT, paths);
  const state = (path, is) => row(page, basename(path)).and(page.locator(`[data-state=${is}]`)).waitFor();
  await state(stack, 'before');
  await state(floats, 'finished');
  await state(paths.at(-1), 'failed');
  await (await details(page, basename(stack))).getByRole('button', { name: 'Again' }).click();
  await state(stack, 'finished');
  // With other settings nothing is done, and with these it is again.
  await page.uncheck('[name=atonce]');
  await page.selectOption('[name=bits]', '6');
  await state(paths[0], 'waiting');
  await page.selectOption('[name=bits]', '5');
  await state(paths[0], 'before');
  await soon(async () => assert.equal(await page.locator('#files .row[data-state=waiting]').count(), 0));
});

test('what is no record is refused, and lines that were cut short are told', async (context) => {
  const { here, page, paths } = await setUp(context);
  writeFileSync(join(here, 'other.jsonl'), '{"some": "thing"}\n');
  await page.setInputFiles(INPUT, join(here, 'other.jsonl'));
  await page.locator('#problem').filter({ hasText: 'other.jsonl is no report of this program' }).waitFor();
  command(here, ['--bits', '5', '--outpath', 'out', '--report', 'r.jsonl', paths[0]]);
  appendFileSync(join(here, 'r.jsonl'), '{"commit":"ab');
  await page.setInputFiles(INPUT, join(here, 'r.jsonl'));
  await page.locator('#record').filter({ hasText: 'names 1 file as done; skipped 1 line of r.jsonl' }).waitFor();
});

test('an input that changed since is said, and the others are recorded', async (context) => {
  const { here, page, paths } = await setUp(context);
  const changing = small(join(here, 'changing.mrc'));
  await page.setInputFiles(INPUT, [paths[0], changing]);
  await settled(page);
  truncateSync(changing, 4096);
  const text = await recordOf(page);
  assert.deepEqual(linesOf(text).map((line) => JSON.parse(line).input.path), [basename(paths[0])]);
  const words = /^changing\.mrc is not in the record: the file was moved, changed or deleted/;
  await page.locator('#problem').filter({ hasText: words }).waitFor();
});

test('an input that changed since is no fault of the output, nor a proof of it', async (context) => {
  const { here, page, paths } = await setUp(context);
  const changing = small(join(here, 'changing.mrc'));
  await page.setInputFiles(INPUT, [paths[0], changing]);
  await settled(page);
  truncateSync(changing, 4096);
  const panel = await details(page, 'changing.mrc');
  await panel.getByRole('button', { name: 'Verify changing.mrc' }).click();
  const words = 'Warning: the output could not be compared with its input: the file was moved, changed or deleted';
  await panel.locator('.warnings').filter({ hasText: words }).waitFor();
  assert.doesNotMatch(await panel.locator('.line').innerText(), /verified/);
});

test('an output that changed since is a warning, never a proof', async (context) => {
  const { page, paths } = await setUp(context);
  await page.setInputFiles(INPUT, paths[0]);
  await settled(page);
  const [folder, file] = (await row(page, basename(paths[0])).getAttribute('data-output')).split('/');
  await page.evaluate(async ([folder, file]) => {
    const root = await navigator.storage.getDirectory();
    const handle = await (await root.getDirectoryHandle(folder)).getFileHandle(file);
    const writable = await handle.createWritable({ keepExistingData: true });
    await writable.write({ type: 'write', position: 900, data: 'other' });
    await writable.close();
  }, [folder, file]);
  await page.click('#verify-all');
  const panel = await details(page, basename(paths[0]));
  await panel.locator('.warnings').filter({ hasText: 'Warning: the output did not pass: ' }).waitFor();
  assert.doesNotMatch(await panel.locator('.line').innerText(), /verified/);
});

test('expansions have no lines, as with the command', async (context) => {
  const { page, paths } = await setUp(context, { way: 'expand' });
  await page.setInputFiles(INPUT, paths[3]);
  await settled(page);
  await soon(async () => assert.ok(await page.locator('#save-record').isDisabled()));
});

test('a picture that was lost before is as red, and counted, as one that is lost now', { timeout: 400_000 }, async (context) => {
  const { here, page, paths } = await setUp(context);
  const hot = join(here, 'hot_pixels.mrc');
  copyFileSync(join(DATA, 'auto-bits/hot_pixels.mrc'), hot);
  command(here, ['--bits', '5', '--outpath', 'out', '--report', 'r.jsonl', hot, paths[0]]);
  await page.setInputFiles(INPUT, [join(here, 'r.jsonl'), hot, paths[0]]);
  await page.locator('#totals').filter({ hasText: '2 done before' }).waitFor();
  await page.locator('#lost').filter({ hasText: 'picture lost in 1 file' }).waitFor();
  await drawn(page);
  assert.equal(await page.locator('#warned').innerText(), '1 warning about 1 file');
  const found = row(page, basename(hot));
  assert.equal(await found.locator('.state').innerText(), 'Done before, picture lost');
  assert.equal(await found.locator('.mark').innerText(), '1 warning');
  assert.equal(await found.getAttribute('data-lost'), 'true');
  const colour = (locator) => locator.evaluate((found) => getComputedStyle(found).color);
  assert.equal(await colour(found.locator('.state')), await colour(page.locator('#lost')));
  assert.notEqual(await colour(row(page, basename(paths[0])).locator('.state')), await colour(page.locator('#lost')));
  const panel = await details(page, basename(hot));
  assert.match(await panel.locator('.warnings').innerText(), /^Warning: .*the picture is lost/);
  // What would be kept with other settings is nothing that was done.
  assert.equal(await found.locator('.kept').innerText(), '');
  assert.equal(await found.locator('.after').innerText(), '');
});

test('again for all does what was done before, too', { timeout: 400_000 }, async (context) => {
  const { here, page, paths } = await setUp(context);
  const inputs = paths.slice(0, 3);
  command(here, ['--bits', '5', '--outpath', 'out', '--report', 'r.jsonl', ...inputs]);
  // As some editors save it.
  writeFileSync(join(here, 'marked.jsonl'), `\ufeff${readFileSync(join(here, 'r.jsonl'), 'utf8')}`);
  await page.setInputFiles(INPUT, [join(here, 'marked.jsonl'), ...inputs]);
  await page.locator('#totals').filter({ hasText: '3 done before' }).waitFor();
  await page.click('#again-all');
  await page.locator('#totals').filter({ hasText: '3 finished' }).waitFor();
  assert.doesNotMatch(await page.locator('#totals').innerText(), /done before/);
  // Once more they are no news either.
  await page.click('#again-all');
  await settled(page);
  assert.match(await page.locator('#totals').innerText(), /3 finished/);
});

test('verifying says a warning once that was said already', { timeout: 400_000 }, async (context) => {
  const { here, page } = await setUp(context);
  const hot = join(here, 'hot_pixels.mrc');
  copyFileSync(join(DATA, 'auto-bits/hot_pixels.mrc'), hot);
  await page.setInputFiles(INPUT, hot);
  await settled(page);
  const mark = row(page, basename(hot)).locator('.mark');
  assert.equal(await mark.innerText(), '1 warning');
  await page.click('#verify-all');
  await told(page, hot, 'verified: sound');
  await drawn(page);
  assert.equal(await mark.innerText(), '1 warning');
  assert.equal(await page.locator('#warned').innerText(), '1 warning about 1 file');
  assert.equal(await page.locator('#details .warnings li:not(.noted)').count(), 1);
});

test('what was said before is as it is: of records, and of what went wrong', { timeout: 400_000 }, async (context) => {
  const { here, page, paths } = await setUp(context);
  await page.uncheck('[name=atonce]');
  command(here, ['--bits', '5', '--outpath', 'out', '--report', 'r.jsonl', paths[0]]);
  writeFileSync(join(here, 'empty.jsonl'), '');
  await page.setInputFiles(INPUT, [join(here, 'r.jsonl'), paths[0], paths[1]]);
  await page.locator('#totals').filter({ hasText: '1 done before' }).waitFor();
  await page.setInputFiles(INPUT, join(here, 'empty.jsonl'));
  await page.locator('#record').filter({ hasText: /^r\.jsonl names 1 file as done\. empty\.jsonl names no file as done$/ }).waitFor();
  writeFileSync(join(here, 'bin.jsonl'), 'nonsense\n');
  await page.setInputFiles(INPUT, join(here, 'bin.jsonl'));
  await page.locator('#problem').filter({ hasText: 'bin.jsonl is no report of this program' }).waitFor();
  await page.click('#start');
  await settled(page);
  assert.equal(await page.locator('#problem').innerText(), '');
});

/** Outputs of the command's with one bit flipped, the same ones every time, and files of EMAN2's that are odd. */
function damaged(here) {
  mkdirSync(join(here, 'flips'));
  command(here, ['--bits', '5', '--outpath', 'sound', 'u16_micrograph.mrc', 'f32_stack.mrcs']);
  command(here, ['--bits', '0', '--outpath', 'sound', 'f32_positive.mrc']);
  const paths = [];
  const flipped = (name, number, byte, bit) => {
    const bytes = readFileSync(join(here, 'sound', name));
    bytes[byte] ^= 1 << bit;
    paths.push(join(here, 'flips', `${number}_${name}`));
    writeFileSync(paths.at(-1), bytes);
  };
  let seed = 7;
  const below = (most) => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 1) % most;
  for (const name of readdirSync(join(here, 'sound'))) {
    const bytes = readFileSync(join(here, 'sound', name));
    for (let number = 0; number < 30; number++) flipped(name, number, below(bytes.length), below(8));
    // The name of an attribute, by which codes become values: without it they would be taken for the values.
    const place = bytes.indexOf('stored_renderbits');
    if (place >= 0) flipped(name, 30, place, 0);
    // A version of an attribute's message that is not read.
    flipped(name, 31, bytes.indexOf('EMAN.') - 8, 4);
  }
  for (const folder of ['eman2-odd', 'eman2-hdf']) {
    for (const name of readdirSync(join(DATA, folder)).filter((name) => name.endsWith('.hdf'))) {
      paths.push(join(here, 'flips', name));
      copyFileSync(join(DATA, folder, name), paths.at(-1));
    }
  }
  return paths;
}

test('inputs that are not sound, or odd, are refused and told as by the command', { timeout: 400_000 }, async (context) => {
  const { here, page } = await setUp(context, { bits: 4 });
  const paths = damaged(here);
  await page.setInputFiles(INPUT, paths);
  await settled(page, 120_000);
  const found = linesOf(await recordOf(page));
  const said = (words) => found.filter((line) => line.includes(words)).length;
  assert.ok(said('the input is not sound and nothing was made of it') > 10 && said('odd_statistics') > 0 && said('signed_codes') > 0);
  assert.deepEqual(found, promised(join(here, 'flips'), ['--bits', '4', '--no-verify'], paths));
});

test('nor is MRC made of what is not sound', { timeout: 400_000 }, async (context) => {
  const { here, page } = await setUp(context, { way: 'expand' });
  const paths = damaged(here);
  await page.setInputFiles(INPUT, paths);
  await settled(page, 120_000);
  const inputs = paths.map((path) => ({ folder: join(here, 'flips'), name: basename(path) }));
  const right = await expected(inputs, ['expand']);
  const { stderr } = command(join(here, 'flips'), ['expand', '--outpath', 'out', ...inputs.map(({ name }) => name)]);
  // Warnings are said again at the end.
  const lines = [...new Set(stderr.split('\n'))];
  const after = (start) => lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
  const found = await outcomes(page);
  const marks = Object.fromEntries((await page.evaluate(COLLECT)).map(({ name, mark }) => [name, mark]));
  for (const { name } of inputs) {
    const [problem] = after(`e2compress: ${name}: `);
    assert.equal(found[name], right[name] ?? `Failed: ${problem}`, name);
    const count = after(`${name}: warning: `).length;
    if (right[name]) assert.equal(marks[name], count === 0 ? '' : `${count} warning${count === 1 ? '' : 's'}`, name);
  }
  assert.ok(Object.values(marks).some((mark) => mark !== ''));
});

test('a backslash is a part of a name, or stands between folders', { timeout: 400_000 }, async (context) => {
  const { here, page, paths } = await setUp(context);
  const odd = join(here, 'a\\b.mrc');
  copyFileSync(paths[2], odd);
  await page.setInputFiles(INPUT, odd);
  await settled(page);
  writeFileSync(join(here, 'own.jsonl'), await recordOf(page));
  await page.click('#remove-done');
  await page.setInputFiles(INPUT, [join(here, 'own.jsonl'), odd]);
  await page.locator('#record').filter({ hasText: /own\.jsonl names 1 file as done/ }).waitFor();
  await page.locator('#files .row[data-state=before]').waitFor();
  await page.locator('#details .line').filter({ hasText: 'Done before, as a\\b.hdf: ' }).waitFor();
  // The command's, on Windows.
  command(here, ['--bits', '5', '--outpath', 'out', '--report', 'r.jsonl', basename(paths[0])]);
  const line = JSON.parse(readFileSync(join(here, 'r.jsonl'), 'utf8'));
  for (const between of ['\\', '/']) {
    line.input.path = `C:\\mics${between}u16_micrograph.mrc`;
    line.output.path = 'C:\\mics\\out\\u16_micrograph.hdf';
    writeFileSync(join(here, 'windows.jsonl'), `${JSON.stringify(line)}\n`);
    await page.reload();
    await choose(page, { bits: 5 });
    await page.setInputFiles(INPUT, [join(here, 'windows.jsonl'), paths[0]]);
    await told(page, paths[0], /^Done before, as u16_micrograph\.hdf: /);
  }
});

test('what is longer than anybody reads is cut where it is shown', { timeout: 400_000 }, async (context) => {
  const { here, page, paths } = await setUp(context);
  command(here, ['--bits', '5', '--outpath', 'out', '--report', 'r.jsonl', basename(paths[0])]);
  const line = JSON.parse(readFileSync(join(here, 'r.jsonl'), 'utf8'));
  line.output.path = 'x'.repeat(100_000);
  const remarks = (word) => Array.from({ length: 100 }, (_, index) => `${word} ${index} ${'long '.repeat(2000)}`);
  Object.assign(line, { warnings: remarks('warning'), notes: remarks('note') });
  writeFileSync(join(here, 'hostile.jsonl'), `${JSON.stringify(line)}\n`);
  await page.setInputFiles(INPUT, [join(here, 'hostile.jsonl'), paths[0]]);
  await told(page, paths[0], /^Done before, as x+ \.\.\. \(\d+ letters left out\) \.\.\. /);
  const found = await page.evaluate(() => {
    const texts = [...document.querySelectorAll('main *')].filter(({ children }) => children.length === 0).map(({ textContent }) => textContent);
    const titles = [...document.querySelectorAll('main [title], main [aria-label]')].map((part) => part.title || part.ariaLabel);
    return { longest: Math.max(...texts.map(({ length }) => length)), title: Math.max(...titles.map(({ length }) => length)), items: document.querySelectorAll('#details .warnings li').length };
  });
  assert.ok(found.longest < 700 && found.title < 15_000 && found.items <= 42, JSON.stringify(found));
  await page.locator('#details .warnings').filter({ hasText: '80 more are not shown' }).waitFor();
});
