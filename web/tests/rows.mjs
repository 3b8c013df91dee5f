// The list of files, of which only the rows in sight are in the document. Functions in capitals run in the page, for
// either browser's driver.

import assert from 'node:assert/strict';

/** Whether there are files, and none is to be worked on. */
export function SETTLED() {
  const { files, open } = document.querySelector('main').dataset;
  return Number(files) > 0 && Number(open) === 0;
}

/** All rows in their order: scrolls through the list. */
export async function COLLECT() {
  const grid = document.querySelector('#files');
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const found = new Map();
  grid.scrollTop = 0;
  for (;;) {
    await frame();
    await frame();
    for (const row of grid.querySelectorAll('.row')) {
      const text = (name) => row.querySelector(`.${name}`).textContent;
      const { state, output, lost } = row.dataset;
      found.set(row.id, { name: text('name'), line: text('line'), mark: text('mark'), after: text('after'), kept: text('kept'), state, output, lost });
    }
    if (grid.scrollTop + grid.clientHeight >= grid.scrollHeight - 1) return [...found.values()];
    grid.scrollTop += grid.clientHeight / 2;
  }
}

/** SHA-256 of each of these outputs in the page's storage: `folder/name`. */
export async function DIGESTS(outputs) {
  const root = await navigator.storage.getDirectory();
  const found = [];
  for (const output of outputs) {
    const [folder, file] = output.split('/');
    const handle = await (await root.getDirectoryHandle(folder)).getFileHandle(file);
    const digest = await crypto.subtle.digest('SHA-256', await (await handle.getFile()).arrayBuffer());
    found.push(Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join(''));
  }
  return found;
}

/** SHA-256 of every output on the list by the input's name, or why there is none. */
export async function outcomes(page) {
  const rows = await page.evaluate(COLLECT);
  const finished = rows.filter(({ output }) => output);
  const digests = await page.evaluate(DIGESTS, finished.map(({ output }) => output));
  const found = rows.map((row) => [row.name, row.output ? digests[finished.indexOf(row)] : row.line]);
  return Object.fromEntries(found);
}

/** States of all files, in the order of the list. */
export async function states(page) {
  return (await page.evaluate(COLLECT)).map(({ state }) => state);
}

/** The row of an input, in Playwright. */
export function row(page, name) {
  const exact = new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
  return page.locator('#files .row').filter({ has: page.locator('.name', { hasText: exact }) });
}

/** Selects a file as a person does, and returns what is said of it, in Playwright. */
export async function details(page, name) {
  await row(page, name).last().click();
  const panel = page.locator('#details');
  await page.waitForFunction((name) => document.querySelector('#details .name').textContent === name, name);
  return panel;
}

/** What has become of a file, in words. */
export async function line(page, name) {
  return (await details(page, name)).locator('.line').innerText();
}

/** The state of a file. */
export function state(page, name) {
  return row(page, name).last().getAttribute('data-state');
}

/** Takes every file off the list, in either driver. */
export async function clear(page) {
  await page.$eval('#cancel-all', (button) => button.click());
  await page.waitForFunction(() => document.querySelector('main').dataset.open === '0');
  await page.waitForFunction(() => !document.querySelector('#remove-done').disabled);
  await page.$eval('#remove-done', (button) => button.click());
  await page.waitForFunction(() => document.querySelector('main').dataset.files === '0');
  assert.equal(await page.$eval('main', ({ dataset }) => dataset.finished), '0');
}
