// The page with some of its scripts changed on the way, so that what seldom fails fails.

import assert from 'node:assert/strict';
import { serve } from '../scripts/server.mjs';
import { launch, open } from './chromium.mjs';

/** A page of its own that goes with the test; `change` is given each script's path and text. */
export async function setUp(context, change) {
  const server = await serve({ change });
  const browser = await launch({ context: { serviceWorkers: 'block' } });
  context.after(async () => {
    await browser.close();
    await server.close();
  });
  return { browser, server, page: await open(browser.context, server.address) };
}

/** Replaces something that must be there in one of the scripts. */
export const replacing = (end, from, to) => (path, script) => {
  if (!path.endsWith(end)) return script;
  const changed = script.replace(from, to);
  assert.notEqual(changed, script);
  return changed;
};
