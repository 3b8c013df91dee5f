// Inputs that are made when they are needed. Large ones are sparse: they take no room on disk.

import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const HEADER_BYTES = 1024;
const BYTES = { 0: 1, 1: 2, 2: 4, 6: 2 };

/** A folder that goes with the test. */
export function folder(context) {
  const path = mkdtempSync(join(tmpdir(), 'e2compress-inputs-'));
  context.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** An MRC2014 header. */
export function header({ nx, ny, nz, mode }) {
  const bytes = Buffer.alloc(HEADER_BYTES);
  for (const [index, value] of [nx, ny, nz, mode].entries()) bytes.writeInt32LE(value, 4 * index);
  for (const [index, value] of [nx, ny, nz].entries()) bytes.writeInt32LE(value, 28 + 4 * index);
  for (const [index, value] of [nx, ny, nz].entries()) bytes.writeFloatLE(1.5 * value, 40 + 4 * index);
  for (const [index, value] of [1, 2, 3].entries()) bytes.writeInt32LE(value, 64 + 4 * index);
  bytes.write('MAP ', 208, 'latin1');
  bytes[212] = bytes[213] = 0x44;
  return bytes;
}

/** Bytes that don't deflate, the same every time (xorshift). */
function noise(length) {
  const words = new Uint32Array(length / 4);
  let state = 2463534242;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return Buffer.from(words.buffer);
}

/** An image of zeros but for `noisy` places of 16 MiB each, spread over it. */
export function image(path, { noisy = 0, ...shape }) {
  const bytes = shape.nx * shape.ny * shape.nz * BYTES[shape.mode];
  const file = openSync(path, 'w');
  ftruncateSync(file, HEADER_BYTES + bytes);
  writeSync(file, header(shape), 0, HEADER_BYTES, 0);
  const patch = noisy > 0 ? noise(16 << 20) : null;
  for (let index = 0; index < noisy; index++) {
    const at = Math.floor(((bytes - patch.length) * index) / noisy / 4096) * 4096;
    writeSync(file, patch, 0, patch.length, HEADER_BYTES + at);
  }
  closeSync(file);
  return path;
}

/** A small image with a few values. */
export function small(path, value = 1) {
  const pixels = Buffer.alloc(64 * 64 * 4);
  for (let index = 0; index < 64 * 64; index++) pixels.writeFloatLE(Math.sin(index) * value, 4 * index);
  writeFileSync(path, Buffer.concat([header({ nx: 64, ny: 64, nz: 1, mode: 2 }), pixels]));
  return path;
}
