// Which source file of the page imports which: forward only.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { WEB } from '../scripts/cargo.mjs';
import { filesBelow } from '../scripts/wasm.mjs';

const SOURCES = join(WEB, 'src');

/** Each file with those it imports, as paths from src/. */
const imports = new Map(
  filesBelow(SOURCES)
    .filter((path) => path.endsWith('.ts'))
    .map((path) => {
      const named = readFileSync(path, 'utf8').matchAll(/\bfrom '(\.[^']*)\.js';$/gm);
      return [relative(SOURCES, path), Array.from(named, ([, name]) => `${relative(SOURCES, join(path, '..', name))}.ts`)];
    }),
);

test('every import of a file of the page is known here', () => {
  const known = [...imports.keys()];
  const found = [...imports.values()].flat().filter((path) => !path.startsWith('../generated/'));
  assert.ok(found.length > known.length, 'imports were found');
  assert.deepEqual(found.filter((path) => !known.includes(path)), []);
});

test('no file imports itself by way of others', () => {
  const settled = new Set();
  const walk = (path, way) => {
    assert.ok(!way.includes(path), `a circle: ${[...way.slice(way.indexOf(path)), path].join(' -> ')}`);
    if (settled.has(path)) return;
    for (const next of imports.get(path) ?? []) walk(next, [...way, path]);
    settled.add(path);
  };
  for (const path of imports.keys()) walk(path, []);
});

test('storage and workers know nothing of the panels', () => {
  for (const [path, imported] of imports) {
    if (path.startsWith('page/')) continue;
    assert.deepEqual(imported.filter((name) => name.startsWith('page/')), [], path);
  }
});
