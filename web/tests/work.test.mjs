// What is worked on when and with which settings, in Chromium.

import assert from 'node:assert/strict';
import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { INPUT, counted, running, stored } from './actions.mjs';
import { choose, screenshot, settled } from './chromium.mjs';
import { DATA, expected } from './expected.mjs';
import { folder, small } from './inputs.mjs';
import { details, outcomes, row, state, states } from './rows.mjs';
import { scenario } from './scenario.mjs';
import { soon } from './waits.mjs';

scenario('settings are kept between visits, and can be put back', async ({ page }) => {
  await choose(page, { bits: 5, level: 6, limits: 'sigma', pair: [3, 4.5] });
  await screenshot(page, 'settings');
  await page.reload();
  assert.equal(await page.inputValue('[name=bits]'), '5');
  assert.equal(await page.inputValue('[name=level]'), '6');
  assert.equal(await page.inputValue('[name=above]'), '4.5');
  assert.equal(await page.inputValue('[name=limits]'), 'sigma');
  await page.click('button[type=reset]');
  assert.equal(await page.inputValue('[name=bits]'), 'auto');
  assert.equal(await page.inputValue('[name=limits]'), 'all');
});

scenario(
  'who has chosen nothing gets bits that the program chooses, and nothing starts by itself',
  async ({ page }) => {
    assert.equal(await page.inputValue('[name=bits]'), 'auto');
    assert.equal(await page.isChecked('[name=atonce]'), false);
    assert.match(await page.locator('#bits-note').innerText(), /The command's default is 10, .* scripts go on giving what they gave/);
    const names = ['u16_micrograph.mrc', 'f32_positive.mrc'];
    await page.setInputFiles(INPUT, names.map((name) => join(DATA, name)));
    await row(page, 'f32_positive.mrc').filter({ hasText: 'Waiting' }).waitFor();
    await page.waitForTimeout(300);
    assert.deepEqual(await states(page), ['waiting', 'waiting']);
    assert.equal(await page.getByRole('button', { name: /^Start/ }).count(), 1);
    await page.getByRole('button', { name: /^Start/ }).click();
    await settled(page);
    const promised = await expected(names.map((name) => ({ folder: DATA, name })), ['--bits', 'auto']);
    assert.deepEqual(await outcomes(page), promised);
    await page.reload();
    assert.equal(await page.inputValue('[name=bits]'), 'auto');
  },
  { visitor: true },
);

scenario('again for all with the settings as they are now', async ({ page }) => {
  const names = ['u8_full.mrc', 'f32_positive.mrc', 'expected.json'];
  await page.setInputFiles(INPUT, names.map((name) => join(DATA, name)));
  await settled(page);
  await page.uncheck('[name=atonce]');
  await choose(page, { bits: 3 });
  await page.waitForTimeout(300);
  assert.deepEqual(await states(page), ['finished', 'finished', 'failed'], 'nothing starts by itself');
  await page.getByRole('button', { name: 'Again for all with these settings' }).click();
  await settled(page);
  const found = await outcomes(page);
  assert.match(found['expected.json'], /^Failed: /);
  delete found['expected.json'];
  assert.deepEqual(found, await expected(names.slice(0, 2).map((name) => ({ folder: DATA, name })), ['--bits', '3']));
  await stored(page, 2);
});

scenario('again for all, and all of it cancelled or removed at once', async ({ page, context }) => {
  const root = folder(context);
  const count = 120;
  await page.setInputFiles(INPUT, Array.from({ length: count }, (_, index) => small(join(root, `${index}.mrc`), index + 1)));
  await settled(page);
  assert.equal(await counted(page, 'finished'), count);
  // In one go, as soon as a person could, and a little later.
  for (const wait of [0, 50, 300]) {
    await page.click('#again-all');
    await page.waitForTimeout(wait);
    await page.click('#cancel-all');
    assert.equal(await counted(page, 'open'), 0);
    const finished = await counted(page, 'finished');
    await page.waitForTimeout(1000);
    assert.equal(await counted(page, 'finished'), finished, `${wait} ms: nothing goes on`);
    assert.ok(finished < count / 2, `${wait} ms: ${finished} finished`);
    await stored(page, finished);
    await page.click('#again-all');
    await settled(page);
    assert.equal(await counted(page, 'finished'), count);
  }
  await page.click('#again-all');
  await page.click('#cancel-all');
  await page.click('#remove-done');
  await stored(page, 0);
  assert.equal(await counted(page, 'files'), 0);
});

scenario('a file that was cancelled a moment ago is worked on again when that is asked for', async ({ page, context }) => {
  await running(page, context);
  const panel = await details(page, 'long.mrc');
  await page.evaluate(async () => {
    document.querySelector('#details .cancel').click();
    document.querySelector('#details .again').click();
  });
  await page.waitForFunction(() => document.querySelector('.row').dataset.state === 'running' && /^[1-9]\d* %$/.test(document.querySelector('.row .state').textContent));
  await panel.getByRole('button', { name: 'Cancel long.mrc' }).click();
  await settled(page);
  assert.equal(await state(page, 'long.mrc'), 'cancelled');
  await stored(page, 0);
});

scenario('one file alone', async ({ page }) => {
  await page.uncheck('[name=atonce]');
  await page.setInputFiles(INPUT, [join(DATA, 'u8_full.mrc'), join(DATA, 'f32_positive.mrc')]);
  await row(page, 'f32_positive.mrc').filter({ hasText: 'Waiting' }).waitFor();
  await (await details(page, 'f32_positive.mrc')).getByRole('button', { name: 'Only this one' }).click();
  await row(page, 'f32_positive.mrc').filter({ hasText: 'Finished' }).waitFor();
  assert.equal(await state(page, 'u8_full.mrc'), 'waiting');
});

scenario('settings that make no sense are told, and hold the files back', async ({ page }) => {
  await choose(page, { limits: 'explicit', pair: [2, 1] });
  await page.setInputFiles(INPUT, join(DATA, 'u8_full.mrc'));
  await page.locator('#settings .problem').filter({ hasText: 'the first number must be smaller' }).waitFor();
  await row(page, 'u8_full.mrc').filter({ hasText: 'Waiting' }).waitFor();
  await page.waitForTimeout(300);
  assert.equal(await state(page, 'u8_full.mrc'), 'waiting');
  await screenshot(page, 'settings-problem');
  await page.fill('[name=high]', '200');
  await settled(page);
  assert.match(await (await details(page, 'u8_full.mrc')).innerText(), /range 2 to \d+, .* [1-9]\d* pixels? clipped/);
});

scenario('files wait for the start when the user wants to look first', async ({ page }) => {
  await page.uncheck('[name=atonce]');
  await page.setInputFiles(INPUT, [join(DATA, 'u8_full.mrc'), join(DATA, 'f32_positive.mrc')]);
  await row(page, 'f32_positive.mrc').filter({ hasText: 'Waiting' }).waitFor();
  await page.waitForTimeout(300);
  assert.equal(await state(page, 'u8_full.mrc'), 'waiting');
  await choose(page, { bits: 4 });
  await page.click('#start');
  await settled(page);
  assert.match(await (await details(page, 'u8_full.mrc')).innerText(), /4 bits/);
});

scenario('progress, cancelled in the middle, and tried again', async ({ page, context }) => {
  await running(page, context);
  const bar = row(page, 'long.mrc').locator('progress');
  const first = Number(await bar.getAttribute('value'));
  await page.waitForFunction((before) => document.querySelector('.row progress')?.value > before, first);
  await (await details(page, 'long.mrc')).filter({ hasText: /\d+ %, \d+ MB\/s, .* left/ }).waitFor();
  await screenshot(page, 'running');
  await page.setInputFiles(INPUT, join(DATA, 'u8_full.mrc'));
  await row(page, 'u8_full.mrc').filter({ hasText: 'Waiting' }).waitFor();
  await (await details(page, 'long.mrc')).getByRole('button', { name: 'Cancel long.mrc' }).click();
  await settled(page);
  assert.equal(await state(page, 'long.mrc'), 'cancelled');
  assert.equal(await state(page, 'u8_full.mrc'), 'finished', 'the next file is not harmed');
  await screenshot(page, 'cancelled');
  await stored(page, 1); // nothing is left of the cancelled output
  await (await details(page, 'long.mrc')).getByRole('button', { name: 'Retry long.mrc' }).click();
  await row(page, 'long.mrc').filter({ hasText: /\d+ %/ }).waitFor();
  await (await details(page, 'long.mrc')).getByRole('button', { name: 'Remove long.mrc' }).click();
  await settled(page);
  assert.equal(await counted(page, 'files'), 1);
});

scenario('cancel all', async ({ page, context }) => {
  await running(page, context);
  await page.setInputFiles(INPUT, [join(DATA, 'u8_full.mrc'), join(DATA, 'f32_positive.mrc')]);
  await row(page, 'f32_positive.mrc').filter({ hasText: 'Waiting' }).waitFor();
  await page.click('#cancel-all');
  await settled(page);
  assert.deepEqual(await states(page), ['cancelled', 'cancelled', 'cancelled']);
  await stored(page, 0);
});

scenario('again with other settings', async ({ page }) => {
  await page.setInputFiles(INPUT, join(DATA, 'f32_positive.mrc'));
  await settled(page);
  await choose(page, { bits: 3 });
  await (await details(page, 'f32_positive.mrc')).getByRole('button', { name: 'Again' }).click();
  await page.locator('#details .line').filter({ hasText: '3 bits' }).waitFor();
  const [promised] = Object.values(await expected([{ folder: DATA, name: 'f32_positive.mrc' }], ['--bits', '3']));
  assert.deepEqual(await outcomes(page), { 'f32_positive.mrc': promised });
  await stored(page, 1);
});

scenario('a file that disappears while it is read', async ({ page, context }) => {
  const path = await running(page, context, { name: 'gone.mrc' });
  unlinkSync(path);
  await page.setInputFiles(INPUT, join(DATA, 'u8_full.mrc'));
  await settled(page);
  assert.match(await (await details(page, 'gone.mrc')).innerText(), /Failed: reading .* failed: the file was moved, changed or deleted/);
  assert.equal(await state(page, 'u8_full.mrc'), 'finished');
  await screenshot(page, 'disappeared');
});

scenario(
  'what is kept in a damaged form was never chosen, field by field',
  async ({ page }) => {
    const key = 'e2compress choices';
    const values = ['null', '[]', '7', '"x"', '{', '{"sigma":null}', '{"sigma":["1"]}', '{"explicit":[1,2]}', '{"explicit":"12"}', '{"way":3}', '{"way":"sideways"}', '{"bits":{}}', '{"bits":"99"}', '{"limits":"none"}', '{"level":-1}', '{"atOnce":"yes"}', '{"fractions":[]}', '{"upsampling":"3"}', '{"mode":"x"}', '{"__proto__":{"bits":"2"}}'];
    for (const value of values) {
      await page.evaluate(([key, value]) => localStorage.setItem(key, value), [key, value]);
      await page.reload();
      await page.locator('#threads').filter({ hasText: 'thread' }).waitFor();
      await page.setInputFiles(INPUT, join(DATA, 'u8_full.mrc'));
      // With the settings of who has chosen nothing.
      await page.locator('#start:enabled').waitFor();
      assert.equal(await page.locator('[name=bits]').inputValue(), 'auto', value);
      assert.equal(await page.locator('[name=limits]').inputValue(), 'all', value);
      assert.equal(await page.locator('[name=below]').inputValue(), '4', value);
      assert.equal(await page.isChecked('[name=atonce]'), false, value);
      assert.ok(await page.isChecked('[name=way][value=compress]'), value);
      assert.equal(await page.locator('#settings .problem').innerText(), '', value);
    }
    await page.evaluate((key) => localStorage.setItem(key, '{"sigma":7,"limits":"sigma","bits":"6","level":null}'), key);
    await page.reload();
    await soon(async () => assert.equal(await page.locator('[name=bits]').inputValue(), '6'));
    assert.equal(await page.locator('[name=limits]').inputValue(), 'sigma');
    assert.equal(await page.locator('[name=above]').inputValue(), '4');
    await page.evaluate((key) => localStorage.removeItem(key), key);
  },
  { visitor: true },
);
