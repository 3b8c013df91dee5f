// What suites do with the page, in Playwright.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { folder, image } from './inputs.mjs';
import { row, state } from './rows.mjs';

export const INPUT = 'input[type=file]';

/** A large file that is being compressed. */
export async function running(page, context, { name = 'long.mrc', seconds = 0 } = {}) {
  const path = image(join(folder(context), name), { nx: 8192, ny: 8192, nz: 24, mode: 1, noisy: 8 });
  await page.setInputFiles(INPUT, path);
  await row(page, name).filter({ hasText: /\d+ %/ }).waitFor();
  if (seconds > 0) await page.waitForTimeout(1000 * seconds);
  assert.equal(await state(page, name), 'running');
  return path;
}

/** Waits until the page's storage holds so many outputs, or parts of outputs. */
export async function stored(page, count) {
  await page.waitForFunction(
    async (count) => {
      let found = 0;
      for await (const folder of (await navigator.storage.getDirectory()).values()) {
        for await (const _ of folder.keys()) found++;
      }
      return found === count;
    },
    count,
    { polling: 100 },
  );
}

/** Drops files and folders from outside the browser. */
export async function drop(page, files) {
  const session = await page.context().newCDPSession(page);
  await page.locator('#drop').scrollIntoViewIfNeeded();
  const box = await page.locator('#drop').boundingBox();
  const place = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop']) await session.send('Input.dispatchDragEvent', { type, ...place, data });
}

/** How many files are finished, failed, open or there at all, as the page counts them. */
export async function counted(page, what) {
  return Number(await page.getAttribute('main', `data-${what}`));
}
