// What the suites about a person with the page have in common.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serve } from '../scripts/server.mjs';
import { launch, open } from './chromium.mjs';

/** The server and the browser of this suite; a test that kills the browser puts another one here. */
export const suite = { server: null, browser: null };

before(async () => {
  suite.server = await serve();
  suite.browser = await launch();
});
after(async () => {
  await suite.browser?.close();
  await suite.server?.close();
});

/** A test on a fresh page, which must not complain. */
export function scenario(name, run, { visitor = false } = {}) {
  test(name, { timeout: 400_000 }, async (context) => {
    const errors = [];
    const page = await open(suite.browser.context, suite.server.address, { errors, visitor });
    // Dialogues are caught from now on: from the first that a test waits for on is too late for a fast key.
    page.on('filechooser', () => undefined);
    try {
      await run({ page, context });
      assert.deepEqual(errors, []);
    } finally {
      await page.close();
    }
  });
}
