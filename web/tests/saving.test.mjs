// What becomes of outputs in the storage of the page, and out of it, in Chromium.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { INPUT, drop, running, stored } from './actions.mjs';
import { launch, open, settled } from './chromium.mjs';
import { DATA, expected } from './expected.mjs';
import { folder, image, small } from './inputs.mjs';
import { processes } from './processes.mjs';
import { line, outcomes, row } from './rows.mjs';
import { scenario, suite } from './scenario.mjs';
import { soon } from './waits.mjs';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

scenario('reload in the middle leaves nothing behind', async ({ page, context }) => {
  await running(page, context, { seconds: 1 });
  await stored(page, 1);
  page.on('dialog', (dialog) => dialog.accept());
  await page.reload();
  await page.setInputFiles(INPUT, join(DATA, 'u8_full.mrc'));
  await settled(page);
  await stored(page, 1); // the new one
});

scenario('a second tab leaves the outputs of the first alone', async ({ page }) => {
  await page.setInputFiles(INPUT, join(DATA, 'u8_full.mrc'));
  await settled(page);
  const second = await open(suite.browser.context, suite.server.address);
  await second.setInputFiles(INPUT, join(DATA, 'f32_positive.mrc'));
  await settled(second);
  await stored(page, 2);
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('a[download]').click()]);
  assert.ok(readFileSync(await download.path()).length > 0);
  await second.close();
});

test('left-overs of a killed browser are removed at the next start', { timeout: 400_000 }, async (context) => {
  const { profile } = suite.browser;
  let page = await open(suite.browser.context, suite.server.address);
  await running(page, context, { name: 'killed.mrc', seconds: 1 });
  await stored(page, 1);
  const closed = new Promise((resolve) => suite.browser.context.once('close', resolve));
  process.kill(processes(profile)[0].pid, 'SIGKILL');
  await closed;
  suite.browser = await launch({ profile });
  page = await open(suite.browser.context, suite.server.address);
  await page.setInputFiles(INPUT, join(DATA, 'u8_full.mrc'));
  await settled(page);
  await stored(page, 1); // the new one
  await page.close();
});

scenario('all outputs in one archive', async ({ page, context }) => {
  const root = folder(context);
  mkdirSync(join(root, 'größe/sub'), { recursive: true });
  small(join(root, 'größe/x.mrc'));
  small(join(root, 'größe/x.mrcs'), 2);
  small(join(root, 'größe/sub/x.mrc'), 3);
  await drop(page, [join(root, 'größe'), join(DATA, 'u8_full.mrc')]);
  await settled(page);
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save-zip')]);
  assert.equal(download.suggestedFilename(), 'e2compress.zip');
  const script = `
import hashlib, json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
print(json.dumps({entry.filename: hashlib.sha256(archive.read(entry)).hexdigest() for entry in archive.infolist()}))`;
  const packed = JSON.parse(execFileSync('python3', ['-c', script, await download.path()], { encoding: 'utf8' }));
  assert.deepEqual(Object.keys(packed).sort(), ['größe/sub/x.hdf', 'größe/x (2).hdf', 'größe/x.hdf', 'u8_full.hdf']);
  const outputs = [];
  for (let index = 0; index < 4; index++) {
    await page.locator('.row').nth(index).click();
    outputs.push(await page.locator('#details a[download]').getAttribute('download'));
  }
  assert.deepEqual(outputs.sort(), ['u8_full.hdf', 'x (2).hdf', 'x.hdf', 'x.hdf']);
  const [promised] = Object.values(await expected([{ folder: DATA, name: 'u8_full.mrc' }], []));
  assert.equal(packed['u8_full.hdf'], promised);
});

scenario('an output that is being saved is not pulled away', async ({ page, context }) => {
  const path = image(join(folder(context), 'saved.mrc'), { nx: 4096, ny: 4096, nz: 1, mode: 1, noisy: 2 });
  await page.setInputFiles(INPUT, path);
  await settled(page);
  const [promised] = Object.values(await outcomes(page));
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('a[download]').click()]);
  await page.click('#remove-done');
  assert.equal(sha256(readFileSync(await download.path())), promised);
  await stored(page, 1);
});

for (const [what, button] of [['done again', '#again-all'], ['removed', '#remove-done']]) {
  scenario(`an archive, and a record, is of what was there when it was asked for, though all is ${what} at once`, async ({ page, context }) => {
    const root = folder(context);
    const paths = Array.from({ length: 6 }, (_, index) => image(join(root, `${index}.mrc`), { nx: 2048, ny: 4096, nz: 1, mode: 1, noisy: 1 }));
    await page.setInputFiles(INPUT, paths);
    await settled(page);
    const promised = Object.values(await outcomes(page));
    const downloads = [];
    page.on('download', (download) => downloads.push(download));
    await page.evaluate((button) => {
      for (const each of ['#save-zip', '#save-record', button]) document.querySelector(each).click();
    }, button);
    await soon(async () => assert.equal(downloads.length, 2));
    const found = Object.fromEntries(downloads.map((download) => [download.suggestedFilename(), download]));
    const script = `
import hashlib, json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
print(json.dumps([hashlib.sha256(archive.read(entry)).hexdigest() for entry in archive.infolist()]))`;
    const packed = JSON.parse(execFileSync('python3', ['-c', script, await found['e2compress.zip'].path()], { encoding: 'utf8' }));
    assert.deepEqual(packed, promised);
    const lines = readFileSync(await found['e2compress.jsonl'].path(), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(lines.map(({ output }) => output.sha256), promised);
    assert.equal(await page.locator('#problem').innerText(), '');
    if (button === '#again-all') {
      await settled(page);
      assert.deepEqual(Object.values(await outcomes(page)), promised);
    }
  });
}

scenario('an archive that cannot be made says so, and of which file', async ({ page }) => {
  await page.setInputFiles(INPUT, [join(DATA, 'u8_full.mrc'), join(DATA, 'f32_positive.mrc')]);
  await settled(page);
  // The storage breaks between the look at a file and its reading.
  await page.evaluate(() => {
    const Real = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (message, ...others) {
      if (message?.type !== 'checksum' || !message.file) return Real.call(this, message, ...others);
      const lost = { ...message, file: { size: 1 } };
      return Real.call(this, lost, ...others);
    };
  });
  await page.click('#save-zip');
  await page.locator('#problem').filter({ hasText: /^no archive was saved: the output of u8_full\.mrc cannot be read: ./ }).waitFor();
});

scenario('outputs go into a folder as they are finished', async ({ page }) => {
  // The browser's dialogue can't be driven: a folder of the page's own storage stands for the user's.
  await page.evaluate(() => {
    self.showDirectoryPicker = async () =>
      (await navigator.storage.getDirectory()).getDirectoryHandle('chosen', { create: true });
  });
  await page.setInputFiles(INPUT, join(DATA, 'u8_full.mrc'));
  await settled(page);
  await page.click('#save-folder');
  await row(page, 'u8_full.mrc').filter({ hasText: 'Saved in chosen' }).waitFor();
  assert.match(await line(page, 'u8_full.mrc'), /saved as u8_full\.hdf in chosen/);
  await page.setInputFiles(INPUT, join(DATA, 'f32_positive.mrc'));
  await row(page, 'f32_positive.mrc').filter({ hasText: 'Saved in chosen' }).waitFor();
  assert.match(await line(page, 'f32_positive.mrc'), /saved as f32_positive\.hdf in chosen/);
  await soon(async () => assert.equal(await page.locator('a[download]').count(), 0));
  await page.waitForFunction(async () => {
    const names = [];
    for await (const [name, folder] of (await navigator.storage.getDirectory()).entries()) {
      for await (const file of folder.keys()) names.push(`${name}/${file}`);
    }
    return names.sort().join() === 'chosen/f32_positive.hdf,chosen/u8_full.hdf';
  });
});
