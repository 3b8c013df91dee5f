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
const { BASES, POURED, RING_BYTES, STALLED, STARTED, TAKEN, WORDS } = await imported('worker/slice.ts');

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
  const [file, next] = [{ size: 32 * MIB }, { size: 8 * MIB }];
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
    assert.ok(offset > 8 * MIB);
    assert.equal(stream.fill(offset, new Uint8Array(MIB)), 0);
  }
  stream.close();
  assert.deepEqual({ ...orders.at(-1), stream: 0 }, { type: 'pour', stream: 0, file: next, offset: 0, next: null });
  assert.ok(orders.at(-1).stream > second);
});

/** Bytes of every file here: those at an offset are in `pattern` from its remainder on. */
const PERIOD = 1_000_003;
const pattern = Buffer.from(Uint8Array.from({ length: PERIOD + MIB }, (_, at) => ((at % PERIOD) * 2654435761) >>> 24));
const bytesAt = (offset, length) => pattern.subarray(offset % PERIOD, (offset % PERIOD) + length);

/** A stream with a reader that pours at once whatever has room, so that nothing is ever waited for. */
function poured(context, size, next = null) {
  context.mock.method(Atomics, 'wait', () => assert.fail('it waits for what never comes'));
  const signal = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  const ring = new Uint8Array(new SharedArrayBuffer(RING_BYTES));
  const found = { signal, pours: [], poured: 0, slices: 0 };
  let now = null;
  const begin = ({ stream, file }, offset, following) => {
    now = { file, at: offset, following };
    Atomics.store(signal, BASES + (stream & 1), signal[POURED]);
    Atomics.store(signal, STARTED, stream);
    pour();
  };
  const pour = () => {
    while (now && now.at < now.file.size) {
      const place = signal[POURED] & (RING_BYTES - 1);
      const room = RING_BYTES - ((signal[POURED] - signal[TAKEN]) | 0);
      if (room === 0) return void Atomics.store(signal, STALLED, 1);
      const count = Math.min(room, now.file.size - now.at, RING_BYTES - place, MIB);
      ring.set(bytesAt(now.at, count), place);
      now.at += count;
      found.poured += count;
      Atomics.add(signal, POURED, count);
    }
    if (now?.following) begin(now.following, 0, null);
  };
  const order = (what) => {
    if (what.type === 'pour') {
      found.pours.push(what.offset);
      begin(what, what.offset, what.next);
    } else if (what.type === 'more') pour();
    else if (what.type === 'stop') now = null;
    else assert.fail(what.type);
  };
  found.stream = new Stream({ signal, ring, order });
  found.stream.open({ size }, false, next);
  found.read = (offset, length) => {
    const bytes = new Uint8Array(length);
    const done = found.stream.fill(offset, bytes);
    assert.ok(done === 0 || done === length);
    if (done === 0) found.slices++;
    for (let at = 0; at < done; at += MIB) {
      const part = bytes.subarray(at, at + MIB);
      assert.equal(Buffer.compare(part, bytesAt(offset + at, part.length)), 0, `bytes from ${offset + at} on`);
    }
  };
  return found;
}

const HEADER = 1024;

/** Reads a volume as its bricks are: a block of rows in each of four sections, then the rows below. */
function readBricks(found, { sections, section, block }) {
  found.read(0, 64 * 1024);
  for (let first = 0; first < sections; first += 4) {
    for (let row = 0; row < section; row += block) {
      const length = Math.min(block, section - row);
      for (let number = first; number < Math.min(first + 4, sections); number++) {
        found.read(HEADER + number * section + row, length);
      }
    }
  }
}

const volumes = {
  '1024 x 1024 bytes': { sections: 90, section: MIB, block: MIB / 16 },
  '1024 x 1024 floats': { sections: 32, section: 4 * MIB, block: MIB / 4 },
  '1440 x 1023 floats': { sections: 21, section: 1440 * 1023 * 4, block: 1440 * 64 * 4 },
  '2048 x 2048 integers of 16 bits': { sections: 16, section: 8 * MIB, block: MIB / 4 },
};
for (const [name, volume] of Object.entries(volumes)) {
  test(`bricks of sections of ${name} come from the ring in each pass`, (context) => {
    const size = HEADER + volume.sections * volume.section;
    const found = poured(context, size);
    readBricks(found, volume);
    assert.deepEqual([found.pours, found.slices], [[0], 0]);
    readBricks(found, volume);
    assert.equal(found.pours.length, 2);
    assert.ok(found.slices < 40, `${found.slices} slices`);
    assert.ok(found.poured <= 2 * size);
  });
}

test('bricks of sections that the ring cannot hold are slices, and nothing is poured for them', (context) => {
  const volume = { sections: 32, section: 16 * MIB, block: MIB };
  const found = poured(context, HEADER + volume.sections * volume.section);
  readBricks(found, volume);
  readBricks(found, volume);
  assert.ok(found.pours.length < 5, `${found.pours.length} streams`);
  assert.ok(found.poured < 200 * MIB, `${found.poured} bytes`);
});

test('an image that is read in order twice is poured twice, the second time from where that shows', (context) => {
  const found = poured(context, 100 * MIB);
  for (let pass = 0; pass < 2; pass++) for (let at = 0; at < 100; at += 4) found.read(at * MIB, 4 * MIB);
  assert.deepEqual([found.pours, found.slices], [[0, 4 * MIB], 1]);
  assert.ok(found.poured <= 200 * MIB);
});

const scatters = {
  'short reads in every MiB': Array.from({ length: 400 }, (_, at) => [at * MIB, MIB / 16]),
  'short reads here and there': Array.from({ length: 400 }, (_, at) => [((at * 157) % 400) * MIB, MIB / 16]),
  'short reads together in some places': Array.from({ length: 80 }, (_, at) => {
    const place = ((at >> 3) * 7) % 10;
    return [place * 40 * MIB + (at & 7) * (MIB / 16), MIB / 16];
  }),
  'short reads to and fro': Array.from({ length: 368 }, (_, at) => {
    const [place, tooth] = [Math.floor(at / 46), at % 46];
    return [place * 50 * MIB + (tooth % 23) * MIB + (tooth < 23 ? 0 : MIB / 2), MIB / 16];
  }),
  'reads from the end on': Array.from({ length: 200 }, (_, at) => [(398 - 2 * at) * MIB, 2 * MIB]),
};
for (const [name, reads] of Object.entries(scatters)) {
  test(`${name} start no stream`, (context) => {
    const found = poured(context, 400 * MIB);
    for (const [offset, length] of reads) found.read(offset, length);
    assert.deepEqual(found.pours, [0]);
    assert.ok(found.poured < 3 * RING_BYTES, `${found.poured} bytes`);
  });
}

test('long reads are a run though short ones elsewhere lie between them', (context) => {
  const found = poured(context, 400 * MIB);
  for (let at = 100; at < 200; at += 2) {
    found.read(at * MIB, 2 * MIB);
    found.read((398 - at) * MIB, MIB / 16);
  }
  assert.deepEqual(found.pours, [0, 102 * MIB]);
});

test('streams of little use are ever fewer', (context) => {
  const found = poured(context, 4000 * MIB);
  // Three reads in a row, and then far from there.
  for (let at = 100; at < 3900; at += 50) for (let part = 0; part < 3; part++) found.read((at + part) * MIB, MIB);
  assert.ok(found.pours.length < 5, `${found.pours.length} streams`);
});

test('a run that is longer than the ring is poured from where it may go back to', (context) => {
  const found = poured(context, 4000 * MIB);
  // Streams of little use, so that the next one takes a long run.
  for (let at = 100; at < 2000; at += 50) for (let part = 0; part < 3; part++) found.read((at + part * 4) * MIB, 3 * MIB);
  found.pours.splice(0);
  for (let at = 3000; at < 3400; at += 8) found.read(at * MIB, 3 * MIB);
  assert.equal(found.pours[0], 3011 * MIB);
});

test('who looks back now and then goes on where he was', (context) => {
  const found = poured(context, 200 * MIB);
  for (let at = 0; at < 200; at++) {
    found.read(at * MIB, MIB);
    if (at % 4 === 3) found.read(Math.max(0, at - 20) * MIB, MIB / 16);
  }
  assert.deepEqual([found.pours, found.slices], [[0], 0]);
});

test('of a file that was read in order the whole ring is given back at its end', (context) => {
  const found = poured(context, 50 * MIB, { size: 100 * MIB });
  for (let at = 0; at < 50; at += 2) found.read(at * MIB, 2 * MIB);
  assert.equal(found.signal[TAKEN], 50 * MIB);
  found.stream.close();
  found.stream.open({ size: 100 * MIB }, true, null);
  for (let at = 0; at < 100; at += 2) found.read(at * MIB, 2 * MIB);
  assert.deepEqual([found.pours, found.slices, found.poured], [[0], 0, 150 * MIB]);
});

test('after a volume the next file has the whole ring', (context) => {
  const volume = { sections: 9, section: 4 * MIB, block: MIB / 4 };
  const found = poured(context, HEADER + volume.sections * volume.section, { size: 100 * MIB });
  readBricks(found, volume);
  found.stream.close();
  found.stream.open({ size: 100 * MIB }, true, null);
  found.read(0, MIB);
  assert.equal((found.signal[POURED] - found.signal[TAKEN]) | 0, RING_BYTES);
  for (let at = 1; at < 100; at++) found.read(at * MIB, MIB);
  assert.deepEqual([found.pours, found.slices], [[0], 0]);
});

test('whatever is read comes, and rightly', (context) => {
  let state = 1;
  const random = (most) => ((state = (Math.imul(1103515245, state) + 12345) >>> 0) >>> 8) % most;
  const size = 700 * MIB + 12345;
  let [served, streams] = [0, 0];
  for (let file = 0; file < 12; file++) {
    const found = poured(context, size);
    let at = random(2) ? 0 : random(size);
    let reads = 0;
    // Steps of a kind that changes now and then, so that there are runs.
    for (let [kind, left] = [0, 0]; reads < 100; reads++, left--) {
      if (left <= 0) [kind, left] = [random(5), 1 + random(40)];
      const length = 1 + random(2 ** (8 + random(17)));
      const hop = [0, random(2 ** 16), random(12 * MIB), -random(30 * MIB), random(60 * MIB) - 30 * MIB][kind];
      at = Math.max(0, Math.min(at + hop, size - length));
      found.read(at, length);
      at += kind === 4 ? 0 : length;
      if (random(60) === 0) at = random(size);
    }
    served += reads - found.slices;
    streams += found.pours.length;
    context.mock.reset();
  }
  // Else it says little.
  assert.ok(served > 400 && streams > 20, `${served} served by ${streams} streams`);
});
