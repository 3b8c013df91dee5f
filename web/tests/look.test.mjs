// The look at the selected file, in Chromium: what the pictures hold, and that all of it answers.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { screenshot } from './chromium.mjs';
import { DATA, ROOT, commandLine } from './expected.mjs';
import { folder, header, image } from './inputs.mjs';
import { row } from './rows.mjs';
import { suite } from './scenario.mjs';
import { best, drawn as drawnIn, soon } from './waits.mjs';

const INPUT = 'input[type=file]';
const MICROGRAPH = join(ROOT, 'examples/micrograph.mrc');
const SIDE = 512;

let page;
const errors = [];

/** A test on a fresh page, which must not complain; `prepare` runs in the page before its own scripts. */
function scenario(name, run, prepare = null) {
  test(name, { timeout: 400_000 }, async (context) => {
    errors.length = 0;
    page = await suite.browser.context.newPage();
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.setViewportSize({ width: 1500, height: 1000 });
    if (prepare) await page.addInitScript(prepare);
    await page.goto(suite.server.address);
    await page.locator('#threads').filter({ hasText: 'thread' }).waitFor();
    await page.click('button[type=reset]');
    try {
      await run(context);
      assert.deepEqual(errors, []);
    } finally {
      await page.close();
    }
  });
}

const overview = () => page.locator('.look-overview canvas');
const split = () => page.locator('.look-split canvas');
const line = () => page.getByRole('slider', { name: 'Line between original and stored' });
const select = (name) => row(page, name).last().click();
const data = (locator, name) => locator.getAttribute(`data-${name}`);
const rowOf = (bits) => page.locator(`.look-bits tr:has(button[value="${bits}"])`);

/** Waits until what so many bits make of the part in view is shown. */
const shown = (bits) => page.locator(`.look-split canvas[data-bits="${bits}"]`).waitFor();

/** Opens files and waits until the plan of the first is there. */
async function look(paths) {
  await page.setInputFiles(INPUT, paths);
  await page.locator('.look-split canvas[data-bits]:not([data-bits=""])').waitFor();
}

const drawn = () => drawnIn(page);

/** The greys of the split view, row by row from the top, and what they are of. */
async function greys() {
  await drawn();
  return split().evaluate((canvas) => {
    const { width, height, dataset } = canvas;
    const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
    const values = Array.from({ length: width * height }, (_, index) => data[4 * index]);
    const number = (name) => Number(dataset[name]);
    return { width, height, values, x: number('x'), y: number('y'), scale: number('scale'), black: number('black'), white: number('white') };
  });
}

/** The pixels of the micrograph, and of what so many bits store, by the command and back to MRC. */
function pixels(context, bits) {
  const root = folder(context);
  const run = (...words) => execFileSync(commandLine(), [...words, '--outpath', root], { stdio: 'pipe' });
  run('--bits', String(bits), MICROGRAPH);
  mkdirSync(join(root, 'back'));
  execFileSync(commandLine(), ['expand', '--mode', '2', '--outpath', join(root, 'back'), join(root, 'micrograph.hdf')], { stdio: 'pipe' });
  const read = (path) => {
    const bytes = readFileSync(path);
    const start = 1024 + bytes.readInt32LE(92);
    const values = bytes.readInt32LE(12) === 2 ? (at) => bytes.readFloatLE(start + 4 * at) : (at) => bytes.readInt16LE(start + 2 * at);
    return (x, y) => values(y * SIDE + x);
  };
  return { original: read(MICROGRAPH), stored: read(join(root, 'back/micrograph.mrc')) };
}

const grey = (value, black, white) => Math.round(255 * Math.min(1, Math.max(0, (value - black) / (white - black))));

/** Counts pixels of the view that are not as `expected` says, from one column to another; all are of the section. */
function wrong({ width, height, values, x, y, scale }, expected, from = 0, to = width) {
  assert.equal(scale, 1);
  let found = 0;
  for (let top = 0; top < height; top++) {
    for (let left = from; left < to; left++) {
      // Two rows of the same value may share a rounding: one level apart is the browser's own arithmetic.
      if (Math.abs(values[top * width + left] - expected(x + left, y + height - 1 - top)) > 1) found++;
    }
  }
  return found;
}

scenario('left of the line is the original, right of it what the command stores', async (context) => {
  await look(MICROGRAPH);
  const bits = 4;
  await rowOf(bits).click();
  await shown(bits);
  const { original, stored } = pixels(context, bits);
  const found = await greys();
  const { black, white, width } = found;
  const as = (pixel) => (x, y) => grey(pixel(x, y), black, white);
  const middle = Math.round(width / 2);
  assert.equal(wrong(found, as(original), 0, middle - 2), 0, 'left');
  assert.equal(wrong(found, as(stored), middle + 2), 0, 'right');
  assert.ok(wrong(found, as(original), middle + 2) > 1000, 'the two differ');
  await screenshot(page, 'look');
  for (const [key, expected] of [
    ['2', as(original)],
    ['3', as(stored)],
    ['4', (x, y) => grey(stored(x, y) - original(x, y), (black - white) / 2, (white - black) / 2)],
  ]) {
    await split().press(key);
    assert.equal(wrong(await greys(), expected), 0, key);
  }
  await split().press('5');
  const magnified = await greys();
  const largest = Number(/largest error (\S+),/.exec(await split().getAttribute('aria-label'))[1]);
  assert.equal(wrong(magnified, (x, y) => grey(stored(x, y) - original(x, y), -largest, largest)), 0);
  assert.match(await split().getAttribute('aria-label'), /^Difference when stored with 4 bits, magnified: black is -32, white 32;/);
});

scenario('the table is that of the command, and a click or Enter sets the bits', async () => {
  await look(MICROGRAPH);
  // Under the name that the page knows: an output has it.
  const told = execFileSync(commandLine(), ['plan', 'micrograph.mrc'], { cwd: dirname(MICROGRAPH), encoding: 'utf8' }).split('\n');
  const lines = told.filter((words) => /^ +\d+[* ]/.test(words)).map((words) => words.trim().split(/ {2,}|(?<=^\d+)(?=\*)/).join('|'));
  const rows = await page.locator('.look-bits tbody tr').evaluateAll((rows) =>
    rows.map((row) => {
      const bits = row.querySelector('button').value;
      const cells = [...row.cells].slice(1).map(({ textContent }) => textContent);
      return [row.querySelector('.mark') ? `${bits}|*` : bits, ...cells].join('|');
    }),
  );
  const plain = (words) => words.replace(/^(\d+)\|\* /, '$1|*|');
  assert.deepEqual(rows, lines.map(plain));
  const bits = page.locator('[name=bits]');
  await page.selectOption('[name=bits]', 'auto');
  await rowOf(5).locator('td').first().click();
  assert.equal(await bits.inputValue(), '5');
  await shown(5);
  await rowOf(5).getByRole('button').focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
  assert.equal(await bits.inputValue(), '7');
  await shown(7);
  assert.equal(await rowOf(7).getByRole('button').getAttribute('aria-pressed'), 'true');
  await page.selectOption('[name=bits]', 'auto');
  await shown(6);
});

scenario('the slider tries bits within 50 ms, and sets none', async () => {
  await look(MICROGRAPH);
  await page.selectOption('[name=bits]', 'auto');
  await shown(6);
  const slider = page.locator('[name=try]');
  // The best of several for each number of bits: others compute on this machine, too.
  const times = await slider.evaluate(async (slider) => {
    const canvas = document.querySelector('.look-split canvas');
    const best = new Map();
    const late = () => best.size === 0 || Math.max(...best.values()) >= 50;
    for (let round = 0; round < 80 && late(); round++) {
      for (const value of [0, 3, 1, 5, 2, 6, 4, 7, 1, 5]) {
        const began = performance.now();
        const answered = new Promise((resolve) => {
          const observer = new MutationObserver(() => {
            if (Number(canvas.dataset.bits) !== value + 2) return;
            observer.disconnect();
            resolve();
          });
          observer.observe(canvas, { attributes: true });
        });
        slider.value = String(value);
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        await answered;
        best.set(value, Math.min(best.get(value) ?? Infinity, performance.now() - began));
      }
    }
    return [...best.values()].sort((a, b) => a - b);
  });
  console.log(`# the slider answers within ${times.map((time) => time.toFixed(0)).join(', ')} ms`);
  assert.ok(times.at(-1) < 50, `${times.map((time) => time.toFixed(0))}`);
  await slider.fill('5');
  await shown(7);
  assert.equal(await page.locator('[name=bits]').inputValue(), 'auto');
  await page.locator('.look-try .use').click();
  assert.equal(await page.locator('[name=bits]').inputValue(), '7');
});

scenario('all of it by keyboard', async () => {
  await look(MICROGRAPH);
  const described = (words) => soon(async () => assert.match(await overview().getAttribute('aria-label'), words));
  await described(/^micrograph\.mrc, 512 x 512; (frame of \d+ x \d+ at \d+, \d+|all of it in view)$/);
  await overview().focus();
  for (let times = 0; times < 3; times++) await page.keyboard.press('+');
  await drawn();
  assert.equal(await data(split(), 'scale'), '4');
  const at = async () => (await data(overview(), 'frame')).split(',').map(Number);
  const [x, y, across] = await at();
  await described(new RegExp(`; frame of ${across} x \\d+ at ${x}, ${y}$`));
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowUp');
  await soon(async () => {
    const [right, up] = await at();
    assert.ok(right > x && up > y, 'arrows move');
  });
  for (let times = 0; times < 20; times++) await page.keyboard.press('+');
  await drawn();
  assert.equal(await data(split(), 'scale'), '64');
  await line().focus();
  await page.keyboard.press('ArrowLeft');
  assert.equal(await line().getAttribute('aria-valuenow'), '48');
  await page.keyboard.press('Home');
  assert.equal(await line().getAttribute('aria-valuetext'), 'the original on 0 % of the picture, stored on 100 %');
  await page.keyboard.press('End');
  assert.equal(await line().getAttribute('aria-valuenow'), '100');
  await page.locator('[name=shown][value=split]').focus();
  await page.keyboard.press('ArrowRight');
  assert.equal(await data(split(), 'mode'), 'original');
  const before = await greys();
  await page.locator('[name=black]').focus();
  for (let times = 0; times < 30; times++) await page.keyboard.press('ArrowRight');
  const darker = await greys();
  assert.ok(darker.black > before.black && darker.white === before.white);
  await page.locator('.look-contrast button').press('Enter');
  assert.deepEqual(await greys(), before);
  await page.locator('[name=log]').press(' ');
  assert.ok(await page.locator('[name=log]').isChecked());
});

scenario('by mouse: the line, the frame, the wheel, and the value under the pointer', async (context) => {
  await look(MICROGRAPH);
  await shown(6);
  const box = await split().boundingBox();
  const { original, stored } = pixels(context, 6);
  await drawn();
  await page.mouse.move(box.x + 100.5, box.y + 50.5);
  await drawn();
  const [x, y] = [Number(await data(split(), 'x')) + 100, Number(await data(split(), 'y')) + Math.round(box.height) - 51];
  const change = stored(x, y) - original(x, y);
  const words = `x ${x}, y ${y}: ${original(x, y)}, stored ${stored(x, y)} (${change > 0 ? '+' : ''}${change})`;
  await soon(async () => assert.equal(await page.locator('.look-split output').innerText(), words));
  const handle = await line().boundingBox();
  await page.mouse.move(handle.x + 12, handle.y + handle.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 4, handle.y + 20, { steps: 4 });
  await page.mouse.up();
  await soon(async () => assert.equal(await line().getAttribute('aria-valuenow'), '25'));
  await page.mouse.move(box.x + box.width * 0.8, box.y + 20);
  await page.mouse.wheel(0, -120);
  await soon(async () => assert.equal(await data(split(), 'scale'), '2'));
  await drawn();
  const from = Number(await data(split(), 'x'));
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.8 - 40, box.y + 20, { steps: 4 });
  await page.mouse.up();
  await soon(async () => assert.equal(Number(await data(split(), 'x')), from + 20));
  const whole = await overview().boundingBox();
  await page.mouse.click(whole.x + whole.width / 2, whole.y + whole.height / 2);
  await soon(async () => {
    const [left, low, across, high] = (await data(overview(), 'frame')).split(',').map(Number);
    assert.ok(Math.abs(left + across / 2 - SIDE / 2) <= 2 && Math.abs(low + high / 2 - SIDE / 2) <= 2);
  });
});

scenario('volumes start with the middle section, stacks with the first image', async () => {
  await look(join(DATA, 'f32_volume.mrc'));
  const [section, picture] = [page.locator('[name=section]'), page.locator('[name=image]')];
  const count = Number(await section.getAttribute('max'));
  assert.ok(count > 2 && !(await picture.isVisible()));
  const middle = Number(await section.inputValue());
  assert.equal(middle, (count >> 1) + 1);
  await overview().press('PageDown');
  await page.locator(`.look-overview canvas[aria-label*=", section ${middle + 1} of ${count},"]`).waitFor();
  await overview().press('PageUp');
  await split().press('PageUp');
  await page.locator(`.look-overview canvas[aria-label*=", section ${middle - 1} of ${count},"]`).waitFor();
  await page.setInputFiles(INPUT, join(DATA, 'u8_movie.mrcs'));
  await select('u8_movie.mrcs');
  await page.locator('.look-overview canvas[aria-label^="u8_movie.mrcs, image 1 of "]').waitFor();
  assert.ok(!(await section.isVisible()));
  await picture.focus();
  await page.keyboard.press('ArrowRight');
  await page.locator('.look-overview canvas[aria-label^="u8_movie.mrcs, image 2 of "]').waitFor();
  await page.locator('.look-split canvas[data-bits]:not([data-bits=""])').waitFor();
});

scenario('each format is looked at', async () => {
  const formats = ['tiff/f32_none.tif', 'compressed/stack_members.mrcs.gz'].map((path) => join(DATA, 'formats', path));
  const paths = [...formats, join(DATA, 'eman2-hdf/u8_movie__bits5.hdf'), join(DATA, 'f16.mrc')];
  await page.setInputFiles(INPUT, paths);
  for (const name of paths.map((path) => path.split('/').at(-1))) {
    await select(name);
    await page.locator(`.look-overview canvas[aria-label^="${name}"]`).waitFor();
    await page.locator('.look-split canvas[aria-label]:not([aria-label^="Nothing"])').waitFor();
    await page.locator('.look-histogram canvas[aria-label^="Histogram of"]').waitFor();
    await page.locator('.look-bits .verdict:not(:empty)').waitFor();
  }
});

// Pictures of this file, but the small one of its row, are kept back.
const HELD = () => {
  const Real = Worker;
  self.held = [];
  window.Worker = class extends Real {
    late = new Set();
    postMessage(message, ...others) {
      if (message.type === 'picture' && message.file.name === 'slow.mrc' && message.most > 64) this.late.add(message.id);
      super.postMessage(message, ...others);
    }
    set onmessage(take) {
      super.onmessage = (event) => {
        if (event.data.type === 'picture' && this.late.delete(event.data.id)) self.held.push(() => take(event));
        else take(event);
      };
    }
  };
};

scenario(
  'an answer about a file that is not selected any more is not shown',
  async (context) => {
    const slow = join(folder(context), 'slow.mrc');
    cpSync(join(DATA, 'u8_full.mrc'), slow);
    await page.setInputFiles(INPUT, [slow, MICROGRAPH]);
    await select('slow.mrc');
    await page.waitForFunction(() => self.held.length > 0);
    await page.evaluate(() => {
      const canvas = document.querySelector('.look-overview canvas');
      self.labels = [];
      new MutationObserver(() => self.labels.push(canvas.getAttribute('aria-label'))).observe(canvas, { attributes: true });
    });
    await select('micrograph.mrc');
    await page.locator('.look-overview canvas[aria-label^="micrograph.mrc"]').waitFor();
    await page.evaluate(() => self.held.forEach((take) => take()));
    await drawn();
    const labels = await page.evaluate(() => self.labels);
    assert.deepEqual(labels.filter((label) => label.startsWith('slow.mrc')), []);
    assert.equal(await page.locator('#details .name').innerText(), 'micrograph.mrc');
  },
  HELD,
);

scenario('what cannot be looked at says why', async (context) => {
  const root = folder(context);
  const broken = join(root, 'broken.mrc');
  writeFileSync(broken, readFileSync(MICROGRAPH).subarray(0, 200_000));
  await page.setInputFiles(INPUT, [broken, MICROGRAPH]);
  await select('broken.mrc');
  await page.locator('#look[data-shows=problem]').waitFor();
  await page.locator('#details').filter({ hasText: /Failed: .*short/ }).waitFor();
  await soon(async () => assert.equal(await page.locator('#details').getByText(/short/).filter({ visible: true }).count(), 1, 'once'));
  assert.ok(!(await overview().isVisible()));
  await select('micrograph.mrc');
  await shown(6);
  assert.equal(await page.locator('#look-problem').innerText(), '');
});

scenario('what has no error or no spectrum says so', async () => {
  const spectra = page.locator('.look-spectra');
  await page.setInputFiles(INPUT, ['f32_outliers.mrc', 'u8_movie.mrcs', 'many_images.mrcs', 'f32_constant.mrc'].map((name) => join(DATA, name)));
  for (const [name, words] of [
    ['f32_outliers.mrc', 'Floats store every pixel as it is: no difference'],
    ['u8_movie.mrcs', '3 bits: no difference'],
    ['many_images.mrcs', 'The image is too small for spectra'],
    ['f32_constant.mrc', 'All pixels in view are the same, without any power'],
  ]) {
    await select(name);
    await spectra.locator('figcaption').filter({ hasText: words }).waitFor();
    await soon(async () => assert.equal(await spectra.locator('canvas').isVisible(), name === 'u8_movie.mrcs'));
  }
});

scenario('nothing is worked on while nothing is selected', async () => {
  assert.equal(await data(page.locator('#look'), 'shows'), 'nothing');
  assert.equal(await page.locator('#look').innerText(), '');
});

scenario('a micrograph of 64 MiB is seen soon after it was chosen', async (context) => {
  const path = image(join(folder(context), 'large.mrc'), { nx: 4096, ny: 4096, nz: 1, mode: 2, noisy: 4 });
  await page.evaluate(() => {
    document.querySelector('input[type=file]').addEventListener('change', () => (self.began = performance.now()));
    const look = document.querySelector('#look');
    new MutationObserver(() => {
      if (look.dataset.shows === 'picture') self.took ??= performance.now() - self.began;
    }).observe(look, { attributes: true });
  });
  const { best: soonest, found: times } = await best(async () => {
    await page.evaluate(() => (self.took = null));
    await page.setInputFiles(INPUT, path);
    await page.locator('#look[data-shows=picture]').waitFor();
    await page.waitForFunction(() => self.took !== null);
    const took = await page.evaluate(() => self.took);
    await page.locator('.look-bits .verdict:not(:empty)').waitFor();
    await page.locator('#details .cancel').click();
    await page.locator('#details .remove').click();
    await page.locator('#look[data-shows=nothing]').waitFor({ state: 'attached' });
    return took;
  }, 500);
  console.log(`# seen after ${times.map((time) => time.toFixed(0)).join(', ')} ms`);
  assert.ok(soonest < 500, `${times}`);
});

/** An image of floats. */
function floats(path, nx, ny, value) {
  const pixels = Buffer.alloc(4 * nx * ny);
  for (let index = 0; index < nx * ny; index++) pixels.writeFloatLE(value(index), 4 * index);
  writeFileSync(path, Buffer.concat([header({ nx, ny, nz: 1, mode: 2 }), pixels]));
  return path;
}

scenario('figures have the digits that tell them from their neighbours', async (context) => {
  await page.selectOption('[name=bits]', '5');
  await look(floats(join(folder(context), 'high.mrc'), 256, 256, (index) => 9_999_985 + (index * 7919) % 32));
  await shown(5);
  await page.locator('.look-histogram figcaption').filter({ hasText: '5 bits: 32 codes from 9999985 to 10000016, nothing beyond' }).waitFor();
  const box = await split().boundingBox();
  await page.mouse.move(box.x + 20, box.y + 20);
  const readout = page.locator('.look-split output');
  await readout.filter({ hasText: /: (9999\d{3}|1000\d{4}), stored (9999\d{3}|1000\d{4}) / }).waitFor();
  // Floats have no codes to be marked.
  assert.ok(await page.locator('.look-histogram .codes').isVisible());
  await page.selectOption('[name=bits]', '0');
  await page.locator('.look-histogram .codes').waitFor({ state: 'hidden' });
});

scenario('a line of pixels is seen, and both sides of the line between original and stored', async (context) => {
  const root = folder(context);
  await look(floats(join(root, 'column.mrc'), 1, 5000, (index) => Math.sin(index)));
  for (const [name, nx, ny] of [['column.mrc', 1, 5000], ['row.mrc', 5000, 1]]) {
    if (nx > 1) await look(floats(join(root, name), nx, ny, (index) => Math.sin(index)));
    await select(name);
    await page.locator(`.look-overview canvas[aria-label^="${name}, ${nx} x ${ny}"]`).waitFor();
    assert.ok(Number(await data(split(), 'scale')) >= 32, name);
    await drawn();
    const covered = await overview().evaluate((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, index) => index % 4 === 3 && value === 255).length / Math.max(canvas.width, canvas.height);
    });
    assert.ok(covered >= 6, `${name}: ${covered} dots wide`);
  }
});

scenario('codes of the input that stay are shown as they are, and more bits than the table has are spoken of', async (context) => {
  const root = folder(context);
  execFileSync(commandLine(), ['--bits', '3', '--outpath', root, join(DATA, 'auto-bits/white.mrc')], { stdio: 'pipe' });
  await page.selectOption('[name=bits]', '4');
  await look(join(root, 'white.hdf'));
  await page.locator('.look-split canvas[aria-label*="stored as the input\'s codes of 3 bits, which stay; largest error 0, RMS 0"]').waitFor();
  const words = page.locator('.look-try output');
  const use = page.locator('.look-try .use');
  assert.match(await words.innerText(), /^4 bits: step 5\.061, the input's codes of 3 bits stay, every pixel as it is/);
  assert.equal(await use.innerText(), '4 bits are used');
  await page.locator('.look-histogram figcaption').filter({ hasText: '3 bits: 8 codes' }).waitFor();
  await page.locator('.look-spectra figcaption').filter({ hasText: 'no difference' }).waitFor();
  await page.selectOption('[name=bits]', '2');
  await page.locator('.look-split canvas[aria-label*="stored with 2 bits; largest error"]').waitFor();
  await page.selectOption('[name=bits]', '10');
  await look(join(DATA, 'auto-bits/counts_movie.mrcs'));
  await select('counts_movie.mrcs');
  await words.filter({ hasText: /^10 bits: step .*every pixel as it is/ }).waitFor();
  assert.equal(await use.innerText(), '10 bits are used');
});

scenario('beyond the edge of a section nothing is drawn and no pixel is told', async (context) => {
  const root = folder(context);
  for (const [name, nx, ny] of [['wide.mrc', 9000, 40], ['odd.mrc', 4096, 1030]]) {
    await look(floats(join(root, name), nx, ny, (index) => (index * 7919) % 251));
    await select(name);
    await page.locator(`.look-overview canvas[aria-label^="${name}, ${nx} x ${ny}"]`).waitFor();
    // All of it in view, then one step nearer.
    await split().press('0');
    await soon(async () => assert.match(await overview().getAttribute('aria-label'), /; all of it in view$/));
    await split().press('+');
    await drawn();
    const beyond = await split().evaluate((canvas) => {
      const { width, height, dataset } = canvas;
      const [y, scale] = [Number(dataset.y), Number(dataset.scale)];
      const extent = Number(/ x (\d+)/.exec(document.querySelector('.look-overview figcaption').textContent)[1]);
      // The row of dots above the topmost row of the section, but for the line around it.
      const top = Math.round(height - (extent - y) * scale) - 2;
      const { data } = canvas.getContext('2d').getImageData(0, 0, width, Math.max(1, top));
      // The line between original and stored is there at any height.
      let found = 0;
      for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 0 && Math.abs(((at / 4) % width) - width / 2) > 4) found++;
      return { top, found };
    });
    assert.ok(beyond.top > 4, `${name}: there is room above it`);
    assert.equal(beyond.found, 0, name);
    const box = await split().boundingBox();
    for (const up of [2, 4, 8]) {
      await page.mouse.move(box.x + 20, box.y + beyond.top - up);
      assert.equal(await page.locator('.look-split output').innerText(), '', `${name}, ${up} above`);
    }
    await page.mouse.move(box.x + 20, box.y + box.height / 2);
    await page.locator('.look-split output').filter({ hasText: /^x \d+, y \d+: / }).waitFor();
  }
});

scenario('back to MRC the look has no bits, and nothing that would change those of another time', async () => {
  await look(MICROGRAPH);
  const bits = page.locator('[name=bits]');
  await page.selectOption('[name=bits]', '7');
  await shown(7);
  await page.check('[name=way][value=expand]');
  await page.locator('.look-split canvas[aria-label="The original, at full size"][data-bits=""]').waitFor();
  for (const part of ['.look-try', '.look-bits', '.look-modes', '.look-spectra', '.look-line', '.look-facts', '.look-histogram .codes']) {
    await page.locator(part).waitFor({ state: 'hidden' });
  }
  assert.doesNotMatch(await page.locator('#look').innerText(), /\bbits\b/i);
  await soon(async () => assert.doesNotMatch(await page.locator('.look-histogram figcaption').innerText(), /codes/));
  assert.equal(await bits.inputValue(), '7');
  await page.check('[name=way][value=compress]');
  await shown(7);
  assert.ok(await page.locator('.look-bits table').isVisible());
});

scenario('the attributes of the image that is looked at are in its header, and go into the output', async (context) => {
  await look([MICROGRAPH]);
  const attributes = page.locator('.look-attributes');
  await attributes.locator('summary').click();
  const shown = await attributes.locator('dl').evaluate((list) =>
    Array.from(list.querySelectorAll('dt'), (name) => [name.textContent, name.nextElementSibling.textContent]),
  );
  assert.equal(await attributes.locator('summary').innerText(), `${shown.length} attributes of the header`);
  const found = new Map(shown);
  assert.equal(found.get('EMAN.MRC.label0'), '"Made by `cargo xtask micrograph`: noise and discs, no micrograph"');
  assert.equal(found.get('EMAN.apix_x'), '1.25');
  const here = folder(context);
  execFileSync(commandLine(), ['--bits', '5', '--outpath', here, MICROGRAPH]);
  const stored = readFileSync(join(here, 'micrograph.hdf'), 'latin1');
  assert.ok(shown.length > 30 && shown.every(([name]) => stored.includes(`${name}\0`)), shown.map(([name]) => name).join());
  // Of a stack each image has its own.
  await page.setInputFiles(INPUT, join(DATA, 'eman2-hdf/u8_movie__bits5.hdf'));
  await select('u8_movie__bits5.hdf');
  await attributes.locator('summary').filter({ hasText: 'attributes of the header, image 1 of 5' }).waitFor();
});

scenario('of a stack it says which image it is about, and of the whole file what plan closes with', async (context) => {
  const root = folder(context);
  cpSync(join(DATA, 'auto-bits/particles.mrcs'), join(root, 'particles.mrcs'));
  await page.setInputFiles(INPUT, join(root, 'particles.mrcs'));
  const closing = execFileSync(commandLine(), ['plan', 'particles.mrcs'], { cwd: root, encoding: 'utf8' }).split('\n').filter((words) => words.startsWith('  auto: '));
  assert.equal(closing.length, 1);
  const whole = page.locator('.look-bits .whole');
  await whole.filter({ hasText: 'auto' }).waitFor();
  await soon(async () => assert.equal(await whole.innerText(), `The whole file: ${closing[0].trim()}`));
  // The row expects the same file.
  const size = closing[0].split(', ').at(-1);
  await row(page, 'particles.mrcs').locator('.after').filter({ hasText: `about ${size}` }).waitFor();
  const count = Number(await page.locator('[name=image]').getAttribute('max'));
  for (const image of [1, 2]) {
    const which = `image ${image} of ${count}`;
    await page.locator('#look-bits-title').filter({ hasText: `, ${which}` }).waitFor();
    await page.locator('.look-histogram figcaption').filter({ hasText: `Values of ${which};` }).waitFor();
    await page.locator('.look-try output').filter({ hasText: ` for ${which}` }).waitFor();
    await page.locator('.look-facts dt').filter({ hasText: `Noise, ${which}` }).waitFor();
    await whole.filter({ hasText: closing[0].trim() }).waitFor();
    await page.locator('[name=image]').press('ArrowRight');
  }
});

scenario(
  'a header that is known only after the picture, before the look is laid out, changes nothing about it',
  () => look(MICROGRAPH),
  () => {
    self.Worker = class extends Worker {
      set onmessage(take) {
        super.onmessage = (event) => setTimeout(() => take.call(this, event), event.data.type === 'inspected' ? 1500 : 0);
      }
    };
    self.ResizeObserver = class extends ResizeObserver {
      constructor(resized) {
        super((...changes) => setTimeout(() => resized(...changes), 3000));
      }
    };
  },
);

scenario('the row expects what the table says of these bits: all of the file', async () => {
  await look(MICROGRAPH);
  for (const bits of ['4', '5', '9']) {
    await page.selectOption('[name=bits]', bits);
    await shown(Number(bits));
    const size = await rowOf(bits).locator('td').last().innerText();
    await row(page, 'micrograph.mrc').locator('.after').filter({ hasText: `about ${size}` }).waitFor();
  }
});

scenario('a file that takes long keeps no other waiting, and none once it is removed', async (context) => {
  // 954 MB that nobody can look at as a whole: measuring them takes a minute, on a busy machine several.
  const wide = image(join(folder(context), 'wide.mrc'), { nx: 1_000_000, ny: 1000, nz: 1, mode: 0 });
  await page.setInputFiles(INPUT, [wide, MICROGRAPH]);
  const within = async (what, milliseconds, wait) => {
    const began = performance.now();
    await wait();
    const took = performance.now() - began;
    console.log(`# ${what}: ${took.toFixed(0)} ms`);
    assert.ok(took < milliseconds, `${what}: ${took} ms`);
  };
  await within('a part of the wide file', 20_000, () => page.locator('.look-split canvas[aria-label^="The original"]').waitFor());
  await within('picture and expected size of the other', 20_000, async () => {
    await row(page, 'micrograph.mrc').locator('.after').filter({ hasText: 'about' }).waitFor();
    await page.waitForFunction(() => [...document.querySelectorAll('.row')].at(-1).querySelector('.thumbnail').width > 1);
  });
  await within('the look at the other', 20_000, async () => {
    await select('micrograph.mrc');
    await page.locator('.look-overview canvas[aria-label^="micrograph.mrc"]').waitFor();
    await page.locator('.look-bits .verdict:not(:empty)').waitFor();
  });
  await select('wide.mrc');
  await page.locator('.look-overview canvas[aria-label^="wide.mrc"]').waitFor();
  await page.locator('#details .remove').click();
  await within('the look after the wide file was removed', 20_000, async () => {
    await page.locator('.look-overview canvas[aria-label^="micrograph.mrc"]').waitFor();
    await page.locator('.look-bits .verdict:not(:empty)').waitFor();
  });
});

scenario('a pixel beyond all others leaves figures that fit, and what is not known is said as such', async (context) => {
  const file = readFileSync(MICROGRAPH);
  const values = Buffer.alloc(4 * SIDE * SIDE);
  for (let at = 0; at < SIDE * SIDE; at++) values.writeFloatLE(file.readInt16LE(1024 + 2 * at), 4 * at);
  values.writeFloatLE(1e30, 4000);
  const header = Buffer.from(file.subarray(0, 1024));
  header.writeInt32LE(2, 12);
  header.writeInt32LE(0, 92);
  const hot = join(folder(context), 'hot.mrc');
  writeFileSync(hot, Buffer.concat([header, values]));
  await page.setInputFiles(INPUT, hot);
  await page.locator('.look-bits .verdict:not(:empty)').waitFor();
  const cells = await page.locator('.look-bits td').allInnerTexts();
  assert.ok(cells.length > 20 && cells.every((words) => words.length < 20), cells.join('|'));
  assert.ok(cells.some((words) => /e2\d$/.test(words)), cells.join('|'));
  const words = await page.locator('.look-facts').innerText();
  assert.doesNotMatch(words, /\d{12}/);
  await page.setInputFiles(INPUT, join(DATA, 'auto-bits/tiny.mrc'));
  await select('tiny.mrc');
  await page.locator('.look-bits .verdict:not(:empty)').waitFor();
  await page.locator('[name=try]').fill('0');
  await page.locator('.look-try output').filter({ hasText: /^2 bits: step [\d.e-]+, (what is lost is not known|every pixel as it is|the picture is lost)/ }).waitFor();
});
