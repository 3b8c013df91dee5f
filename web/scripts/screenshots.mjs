// The pictures of the page in the documents: docs/figures/page-*.png, always of the same file and size.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, open, settled } from '../tests/chromium.mjs';
import { details } from '../tests/rows.mjs';
import { ROOT_FOLDER } from './cargo.mjs';
import { serve } from './server.mjs';

const FIGURES = join(ROOT_FOLDER, 'docs/figures');
const EXAMPLE = join(ROOT_FOLDER, 'examples/micrograph.mrc');
const SIZE = { width: 1280, height: 800 };

// Others of the tests' inputs, so that the list has images of several kinds, one with a warning among them.
const NAMES = ['counts_movie.mrcs', 'particles.mrcs', 'tomogram_like.mrc', 'map_like.mrc', 'gold.mrc', 'half_noisier.mrc', 'hot_pixel_too_far.mrc'];
const OTHERS = NAMES.map((name) => join(ROOT_FOLDER, 'tests/data/auto-bits', name));

/** Takes a picture of the page or a part of it. */
async function picture(seen, name) {
  const bytes = await seen.screenshot({ animations: 'disabled', caret: 'hide' });
  writeFileSync(join(FIGURES, name), bytes);
  console.log(`docs/figures/${name}  ${bytes.length} bytes`);
}

/** Looks at what so few bits would store that the codes can be told apart in the histogram, and both halves by eye. */
async function split(page) {
  const look = page.locator('#look');
  await look.getByRole('button', { name: 'Use 3 bits' }).click();
  await look.locator('.look-split figcaption').filter({ hasText: 'stored with 3 bits' }).waitFor();
  await page.mouse.move(0, 0);
}

const server = await serve();
const browser = await launch({ context: { viewport: SIZE, deviceScaleFactor: 1, colorScheme: 'light' } });
try {
  const page = await open(browser.context, server.address, { visitor: true });
  await page.setInputFiles('input[type=file]', [EXAMPLE, ...OTHERS]);
  await page.click('#start');
  await settled(page);
  await details(page, 'micrograph.mrc');
  // Everything that is drawn beside the list is there once the table is.
  await page.locator('.look-bits table').waitFor({ state: 'visible', timeout: 120_000 });
  await page.evaluate(() => document.activeElement?.blur());
  await picture(page, 'page-list.png');
  await split(page);
  await page.evaluate(() => document.activeElement?.blur());
  await picture(page.locator('#look'), 'page-look.png');
} finally {
  await browser.close();
  await server.close();
}
