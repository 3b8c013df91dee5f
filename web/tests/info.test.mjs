// What the page is told of a file is what `e2compress info --json` prints.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { commandLine, conformance, kindsForAuto, movies, packed } from './expected.mjs';
import module from '../scripts/module.mjs';

const rendering = () => new module.Rendering(undefined, undefined, 1);

/** A file as the worker gives it to the module. */
function input(path) {
  const file = readFileSync(path);
  return { size: file.length, read: (offset, bytes) => bytes.set(file.subarray(offset, offset + bytes.length)) };
}

const paths = [...conformance(), ...kindsForAuto(), ...movies(), ...packed()].map(({ folder, name }) => join(folder, name));
const { stdout } = spawnSync(commandLine(), ['info', '--json', ...paths], { encoding: 'utf8', maxBuffer: 1 << 26 });
// A plan takes reading all pixels; a row of the page is to be there at once.
const promised = new Map(stdout.trim().split('\n').map(JSON.parse).map(({ file, plan, ...info }) => [file, info]));

test('each input is described as by the command line', () => {
  assert.ok(promised.size > 0);
  for (const path of paths) {
    const name = path.split('/').at(-1);
    if (promised.has(path)) assert.deepEqual(module.inspect(input(path), name, rendering()).info, promised.get(path), name);
    else assert.throws(() => module.inspect(input(path), name, rendering()), name);
  }
});

test('the extensions of the formats are those of the conformance inputs', () => {
  const known = module.formats().flatMap(({ extensions }) => extensions);
  for (const { name } of conformance()) assert.ok(known.includes(name.split('.').at(-1)), name);
});
