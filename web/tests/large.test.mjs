// Inputs larger than what the page may hold: memory stays bounded.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { serve } from '../scripts/server.mjs';
import { launch, open, screenshot, settled } from './chromium.mjs';
import { commandLine } from './expected.mjs';
import { folder, image } from './inputs.mjs';
import { processes } from './processes.mjs';

const MOST_BYTES = 1e9;

const CASES = {
  'a stack of 2.6 GB': { name: 'stack.mrcs', nx: 4096, ny: 4096, nz: 78, mode: 1, noisy: 16 },
  'a volume of 1.1 GB, one image': { name: 'volume.mrc', nx: 1024, ny: 1024, nz: 1024, mode: 0, noisy: 8 },
};

async function digest(path) {
  const sum = createHash('sha256');
  for await (const part of createReadStream(path)) sum.update(part);
  return sum.digest('hex');
}

for (const [title, { name, ...shape }] of Object.entries(CASES)) {
  test(`${title} compresses in a tab below 1 GB`, { timeout: 600_000 }, async (context) => {
    const root = folder(context);
    const path = image(join(root, name), shape);
    const server = await serve();
    const downloads = mkdtempSync(join(tmpdir(), 'e2compress-downloads-'));
    const browser = await launch({ context: { downloadsPath: downloads } });
    context.after(async () => {
      await browser.close();
      await server.close();
      rmSync(downloads, { recursive: true, force: true });
    });
    const page = await open(browser.context, server.address);
    await page.setInputFiles('input[type=file]', path);
    await settled(page, 500_000);
    await screenshot(page, `large-${name}`);
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#details a[download]').click()]);
    const saved = await download.path();
    const peaks = processes(browser.profile);
    for (const { type, peakBytes } of peaks.filter(({ type }) => type !== 'zygote')) {
      if (peakBytes > 2e8) context.diagnostic(`${type}: at most ${Math.round(peakBytes / 1e6)} MB`);
    }
    const renderers = peaks.filter(({ type }) => type === 'renderer').map(({ peakBytes }) => peakBytes);
    assert.ok(renderers.length > 0);
    assert.ok(Math.max(...renderers) < MOST_BYTES, `${Math.max(...renderers)} bytes`);
    context.diagnostic(await page.locator('#details .line').innerText());
    context.diagnostic(`WebAssembly memory: ${Math.round((await page.locator('.row').getAttribute('data-memory')) / 1e6)} MB`);
    execFileSync(commandLine(), [name], { cwd: root, stdio: 'ignore' });
    const promised = path.replace(/\.[^.]*$/, '.hdf');
    assert.equal(statSync(saved).size, statSync(promised).size);
    assert.equal(await digest(saved), await digest(promised));
  });
}
