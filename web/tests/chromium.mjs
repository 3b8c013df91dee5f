// Chromium with a profile of its own, and the page in it.

import { existsSync, mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { WEB } from '../scripts/cargo.mjs';
import { LATE, MAKE_LATE } from './late.mjs';
import { COLLECT, SETTLED } from './rows.mjs';
import { PATIENCE, SETTLING, drawn } from './waits.mjs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
export const CHROMIUM = process.env.E2COMPRESS_CHROMIUM ?? PLACES.find((place) => existsSync(place));

/** States of files that are to be worked on, or are being worked on. */
const OPEN = ['inspecting', 'checking', 'waiting', 'running'];

// A worker that is not at work answers within moments, in milliseconds.
const HEARING = 5000;

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
  context.setDefaultTimeout(PATIENCE);
  if (LATE > 0) await context.addInitScript(MAKE_LATE, LATE);
  return {
    context,
    profile,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/**
 * Opens the page and waits until it takes files; fails the test on any error of the page. Unless it is for a visitor who
 * has chosen nothing, the settings are the command's defaults, and files start as soon as they are added.
 */
export async function open(context, address, { errors = [], visitor = false } = {}) {
  const page = await context.newPage();
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(address);
  await page.locator('#threads').filter({ hasText: 'thread' }).waitFor();
  if (!visitor) await likeTheCommand(page);
  return page;
}

/** Sets the page to what the command does when nothing is said. */
export async function likeTheCommand(page) {
  await page.click('button[type=reset]');
  await page.selectOption('[name=bits]', '10');
  await page.check('[name=atonce]');
}

/** Waits until nothing is to be done, and that is shown. */
export async function settled(page, timeout = SETTLING) {
  try {
    await page.waitForFunction(SETTLED, undefined, { timeout, polling: 50 });
  } catch (problem) {
    throw page.isClosed() ? problem : await unsettled(page, problem);
  }
  await drawn(page);
}

/** Why a page is not settled, as far as it tells: what it counts, which files are open, and which of its workers do not hear. */
async function unsettled(page, problem) {
  const counts = await page.$eval('main', ({ dataset }) => ({ ...dataset }));
  const found = await Promise.race([page.evaluate(COLLECT), pause(HEARING, [])]);
  const files = found.filter(({ state }) => OPEN.includes(state));
  const heard = (worker) => worker.evaluate(() => 'it hears').catch(({ message }) => message);
  // Those of the pool never hear.
  const workers = await Promise.all(
    page.workers().map(async (worker) => `${worker.url()}: ${await Promise.race([heard(worker), pause(HEARING, 'it does not hear')])}`),
  );
  const settings = await page.locator('#settings .problem').innerText();
  return Object.assign(problem, { counts, files: files.map((file) => JSON.stringify(file)), workers, settings });
}

/** Sets the form's fields. */
export async function choose(page, fields = {}) {
  const { way = 'compress', mode = '', bits = 10, level = '', limits = 'all', pair = [] } = fields;
  const { fractions = '', grouping = '', upsampling = '' } = fields;
  await page.check(`[name=way][value=${way}]`);
  await page.$eval('#settings details', (more) => (more.open = true));
  await page.fill('[name=fractions]', String(fractions));
  await page.fill('[name=grouping]', String(grouping));
  await page.selectOption('[name=upsampling]', String(upsampling));
  if (way === 'compress') await page.selectOption('[name=level]', String(level));
  await page.$eval('#settings details', (more) => (more.open = false));
  if (way === 'expand') return void (await page.selectOption('[name=mode]', mode));
  await page.selectOption('[name=bits]', String(bits));
  await page.selectOption('[name=limits]', limits);
  const names = { sigma: ['below', 'above'], explicit: ['low', 'high'] }[limits] ?? [];
  for (const [index, name] of names.entries()) await page.fill(`[name=${name}]`, String(pair[index]));
}

/** Keeps a picture of the page for people to look at. */
export async function screenshot(page, name) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}
