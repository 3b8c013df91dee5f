// The page's outputs are the command line's, byte for byte, with threads and without.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { join } from 'node:path';
import { serve } from '../scripts/server.mjs';
import { choose, launch, open, settled } from './chromium.mjs';
import { EXPANSIONS, OPTION_SETS, RENDERINGS, commandLine, conformance, expected, kindsForAuto, movies, packed, pairs, plainFormats, real } from './expected.mjs';
import { clear, outcomes } from './rows.mjs';

// Every input has its turn in both builds. The one without threads, which is the same code, gets an option set of each kind.
const BUILDS = {
  'with threads': { headers: true, serviceWorkers: 'allow', shown: /^\d+ threads?$/, sets: Object.keys({ ...OPTION_SETS, ...EXPANSIONS }) },
  'without threads': {
    headers: false,
    serviceWorkers: 'block',
    shown: /without shared memory/,
    sets: ['bits5', 'level6', 'auto', 'float', 'sig23', 'range', 'expand-auto', 'expand-2'],
  },
};

// Each may have taken minutes.
const MOST_FAILURES = 3;

// Now: while it is built this process serves nothing, and a page that waits for it takes its worker for dead.
commandLine();

const promises = new Map();

/** What the command line makes of these inputs; it is asked once for both builds. */
function promised(kind, name, inputs, words) {
  const key = `${kind} ${name}`;
  if (!promises.has(key)) promises.set(key, expected(inputs, words));
  return promises.get(key);
}

// Both builds at once, as much of the time is spent waiting: for the browser, and one of them has one thread.
describe('identity', { concurrency: true }, () => {
  for (const [build, settings] of Object.entries(BUILDS)) describe(build, { concurrency: false }, () => compare(settings));
});

function compare({ headers, serviceWorkers, shown, sets }) {
  let errors = [];
  let server, browser, page;
  let failures = 0;
  before(async () => {
    server = await serve({ headers });
    browser = await launch({ context: { serviceWorkers } });
    page = await open(browser.context, server.address, { errors });
  });

  /** A test on the page of all of them: one that fails leaves it to no other, and after a few of them nothing more is learned. */
  function compared(name, options, run) {
    test(name, { ...options, timeout: 900_000 }, async () => {
      assert.ok(failures < MOST_FAILURES, `not tried, after ${failures} failures`);
      try {
        await run();
        await clear(page);
        assert.deepEqual(errors, []);
      } catch (problem) {
        failures++;
        Object.assign(problem, { errors });
        await page.close();
        page = await open(browser.context, server.address, { errors: (errors = []) });
        throw problem;
      }
    });
  }
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  test('the page says which build it uses', async () => {
    assert.match(await page.locator('#threads').textContent(), shown);
  });

  const all = { ...OPTION_SETS, ...EXPANSIONS };
  const some = (...names) => Object.fromEntries(names.map((name) => [name, all[name]]));
  const ways = some(...sets);
  const kinds = {
    conformance: [conformance(), ways],
    'auto-bits': [kindsForAuto(), some('auto', 'autooutliers')],
    packed: [packed(), some('bits5', 'auto', 'expand-auto')],
    EER: [movies(), RENDERINGS],
    real: [real(), ways],
  };
  for (const [kind, [inputs, sets]] of Object.entries(kinds)) {
    for (const [name, [words, fields]] of Object.entries(sets)) {
      const skip = inputs === null && 'E2COMPRESS_REAL_DATA names no folder';
      compared(`${kind} inputs, ${name}`, { skip }, async () => {
        await choose(page, fields);
        await page.setInputFiles('input[type=file]', inputs.map(({ folder, name }) => join(folder, name)));
        // The page works meanwhile.
        const outputs = await promised(kind, name, inputs, words);
        // No real file fits the narrowest mode.
        if (kind !== 'real') assert.notEqual(Object.keys(outputs).length, 0);
        await settled(page);
        const found = await outcomes(page);
        for (const { name } of inputs) {
          if (outputs[name]) assert.equal(found[name], outputs[name], name);
          else assert.match(found[name], /^Failed: /, name);
        }
      });
    }
  }

  for (const inputs of plainFormats()) {
    const [{ name: first }] = inputs;
    for (const name of ['bits5', 'expand-auto']) {
      compared(`inputs like ${first}, ${name}`, {}, async () => {
        const [words, fields] = all[name];
        await choose(page, fields);
        await page.setInputFiles('input[type=file]', inputs.map(({ folder, name }) => join(folder, name)));
        const rows = pairs(inputs);
        const outputs = await promised(first, name, rows, words);
        assert.notEqual(Object.keys(outputs).length, 0);
        await settled(page);
        const found = await outcomes(page);
        assert.deepEqual(Object.keys(found).sort(), rows.map(({ name }) => name).sort());
        for (const { name } of rows) {
          if (outputs[name]) assert.equal(found[name], outputs[name], name);
          else assert.match(found[name], /^Failed: /, name);
        }
      });
    }
  }
}
