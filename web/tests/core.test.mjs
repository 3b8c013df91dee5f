// The core's own tests, compiled to WebAssembly: the same functions as natively.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CORE_TESTS, buildCoreTests } from '../scripts/core-tests.mjs';
import { serve } from '../scripts/server.mjs';
import { filesBelow } from '../scripts/wasm.mjs';
import { launch } from './chromium.mjs';
import { ROOT } from './expected.mjs';

// What wasm-bindgen-test (0.3.80) asks of the page that runs its tests.
const PAGE = `<!doctype html><title>tests</title><pre id="output"></pre><script type="module">
  import * as tests from './tests.js';
  self.__wbg_test_invoke = (run) => run();
  for (const method of ['debug', 'log', 'info', 'warn', 'error']) {
    const shown = console[method];
    console[method] = (...words) => {
      shown.apply(console, words);
      tests['__wbgtest_console_' + method]?.(words);
    };
  }
  const exports = await tests.default();
  const names = Object.keys(exports).filter((name) => name.startsWith('__wbgt_'));
  self.names = names;
  const context = new tests.WasmBindgenTestContext(false);
  self.passed = await context.run(names.map((name) => exports[name]));
  self.finished = true;
</script>`;

buildCoreTests();
writeFileSync(join(CORE_TESTS, 'index.html'), PAGE);
const server = await serve({ folder: CORE_TESTS, headers: false });
const browser = await launch();
const page = await browser.context.newPage();
await page.goto(server.address);
await page.waitForFunction(() => self.finished, undefined, { timeout: 300_000 });
const output = await page.locator('#output').textContent();
const names = await page.evaluate(() => self.names.map((name) => name.slice(name.indexOf('::') + 2)));
await browser.close();
await server.close();

const outcomes = new Map(Array.from(output.matchAll(/^test (\S+) \.\.\. (\w+)/gm), ([, name, outcome]) => [name, outcome]));
for (const name of names) {
  const key = [...outcomes.keys()].find((found) => found.endsWith(name));
  test(`core: ${name}`, () => assert.equal(outcomes.get(key), 'ok', output));
}

test('no test of the core is missing', () => {
  const sources = filesBelow(join(ROOT, 'core/src')).map((file) => readFileSync(file, 'utf8'));
  const written = sources.join('\n').match(/^\s*#\[test\]$/gm).length;
  assert.equal(names.length, written);
});
