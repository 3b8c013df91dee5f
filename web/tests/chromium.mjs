// Chromium with a profile of its own, and the page in it.

import { existsSync, mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { WEB } from '../scripts/cargo.mjs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
export const CHROMIUM = process.env.E2COMPRESS_CHROMIUM ?? PLACES.find((place) => existsSync(place));

const SCREENSHOTS = join(WEB, 'screenshots');

/** A browser with a profile on disk, empty unless given: one in memory has a small quota for storage. */
export async function launch(options = {}) {
  const profile = options.profile ?? mkdtempSync(join(tmpdir(), 'e2compress-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    args: [
      '--no-sandbox', // CI runs as root
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(options.args ?? []),
    ],
    acceptDownloads: true,
    ...options.context,
  });
  return {
    context,
    profile,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** Opens the page and waits until it takes files; fails the test on any error of the page. */
export async function open(context, address, { errors = [] } = {}) {
  const page = await context.newPage();
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(address);
  await page.locator('#threads').filter({ hasText: 'thread' }).waitFor();
  return page;
}

/** The row of an input. */
export function row(page, name) {
  return page.locator('li.row').filter({ has: page.getByRole('heading', { name, exact: true }) });
}

/** Waits until no row is to be worked on. */
export async function settled(page, timeout = 60_000) {
  await page.waitForFunction(
    () => {
      const open = ['inspecting', 'waiting', 'running'];
      const rows = [...document.querySelectorAll('li.row')];
      return rows.length > 0 && rows.every(({ dataset }) => !open.includes(dataset.state));
    },
    undefined,
    { timeout, polling: 50 },
  );
}

/** Sets the form's fields. */
export async function choose(page, fields = {}) {
  const { way = 'compress', mode = '', bits = 10, level = '', limits = 'all', pair = [] } = fields;
  const { fractions = '', grouping = '', upsampling = '' } = fields;
  await page.check(`[name=way][value=${way}]`);
  await page.fill('[name=fractions]', String(fractions));
  await page.fill('[name=grouping]', String(grouping));
  await page.selectOption('[name=upsampling]', String(upsampling));
  if (way === 'expand') return void (await page.selectOption('[name=mode]', mode));
  await page.selectOption('[name=bits]', String(bits));
  await page.selectOption('[name=level]', String(level));
  await page.check(`[name=limits][value=${limits}]`);
  const names = { sigma: ['below', 'above'], explicit: ['low', 'high'] }[limits] ?? [];
  for (const [index, name] of names.entries()) await page.fill(`[name=${name}]`, String(pair[index]));
}

/** SHA-256 of every output on the list by the input's name, or its failure. */
export function outcomes(page) {
  return page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const found = {};
    for (const row of document.querySelectorAll('li.row')) {
      const name = row.querySelector('.name').textContent;
      if (row.dataset.state !== 'finished') {
        found[name] = row.querySelector('.line').textContent;
        continue;
      }
      const [folder, file] = row.dataset.output.split('/');
      const handle = await (await root.getDirectoryHandle(folder)).getFileHandle(file);
      const bytes = await (await handle.getFile()).arrayBuffer();
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
      found[name] = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    }
    return found;
  });
}

/** Keeps a picture of the page for people to look at. */
export async function screenshot(page, name) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}
