// Pieces of the page by themselves: what they do in an order that a page seldom takes.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { runnerImport } from 'vite';
import { WEB } from '../scripts/cargo.mjs';

const imported = async (path) => (await runnerImport(join(WEB, 'src', path), { configFile: false, logLevel: 'error' })).module;
const { Turns } = await imported('page/turns.ts');
const { Watchers } = await imported('page/watchers.ts');
const { Stream } = await imported('worker/stream.ts');
const { BASES, POURED, RING_BYTES, STARTED, WORDS } = await imported('worker/slice.ts');

const MIB = 2 ** 20;

test('a turn is over when its work is, whoever waits behind it', async () => {
  const turns = new Turns();
  let end;
  const first = turns.take(async () => 'first');
  const second = turns.take(() => new Promise((resolve) => (end = resolve)));
  assert.equal(await first, 'first');
  assert.ok(turns.taken);
  end('second');
  assert.equal(await second, 'second');
  assert.ok(!turns.taken);
});

test('work that fails is no reason to leave out the next', async () => {
  const turns = new Turns();
  const fails = turns.take(() => Promise.reject(new Error('no')));
  const next = turns.take(async () => turns.taken);
  await assert.rejects(fails, /no/);
  assert.ok(await next);
  assert.ok(!turns.taken);
});

test('one who hears and fails keeps the news from nobody', () => {
  const [told, problems] = [[], []];
  globalThis.reportError = (problem) => problems.push(problem.message);
  const watchers = new Watchers();
  watchers.add(() => {
    throw new Error('of this one');
  });
  watchers.add((news) => told.push(news));
  watchers.tell('news');
  assert.deepEqual([told, problems], [['news'], ['of this one']]);
});

test('a file that was named is poured, though the stream before it was ended', () => {
  const shared = (bytes) => new SharedArrayBuffer(bytes);
  const signal = new Int32Array(shared(4 * WORDS));
  const orders = [];
  const stream = new Stream({ signal, ring: new Uint8Array(shared(RING_BYTES)), order: (order) => orders.push(order) });
  const [file, next] = [{ size: 24 * MIB }, { size: 8 * MIB }];
  stream.open(file, false, next);
  // The reader pours all of it, and begins with the next.
  const [{ stream: first, next: { stream: second } }] = orders;
  for (const [number, poured] of [[first, 0], [second, file.size]]) {
    Atomics.store(signal, BASES + (number & 1), poured);
    Atomics.store(signal, POURED, poured);
    Atomics.store(signal, STARTED, number);
  }
  // Reads from the end on pass by what was poured, until there is no use in it.
  for (let offset = file.size - MIB; orders.at(-1).type !== 'stop'; offset -= MIB) {
    assert.ok(offset > 4 * MIB);
    assert.equal(stream.fill(offset, new Uint8Array(MIB)), 0);
  }
  stream.close();
  assert.deepEqual({ ...orders.at(-1), stream: 0 }, { type: 'pour', stream: 0, file: next, offset: 0, next: null });
  assert.ok(orders.at(-1).stream > second);
});
