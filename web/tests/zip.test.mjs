// The archive's format where small archives don't show it: beyond 4 GiB, and with many entries.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runnerImport } from 'vite';
import { WEB } from '../scripts/cargo.mjs';
import { folder } from './inputs.mjs';

const { module } = await runnerImport(join(WEB, 'src/storage/zip.ts'), { configFile: false, logLevel: 'error' });
const { module: sums } = await runnerImport(join(WEB, 'src/worker/crc32.ts'), { configFile: false, logLevel: 'error' });
const { zip } = module;

const modified = new Date(2026, 0, 31, 12, 30, 58);

/** What Python's zipfile finds in an archive. */
function found(path) {
  const script = `
import json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
print(json.dumps([[e.filename, e.file_size, e.header_offset, e.date_time] for e in archive.infolist()]))
last = archive.infolist()[-1]
print(archive.read(last).decode())`;
  return execFileSync('python3', ['-c', script, path], { encoding: 'utf8', maxBuffer: 1 << 28 }).trim().split('\n');
}

test('the check value of CRC-32', () => {
  assert.equal(sums.extended(0, new TextEncoder().encode('123456789')), 0xcbf43926);
  const bytes = new TextEncoder().encode('a sum over parts is the sum over the whole');
  assert.equal(sums.extended(sums.extended(0, bytes.subarray(0, 13)), bytes.subarray(13)), sums.extended(0, bytes));
});

test('names that no program unpacks elsewhere, each once', async (context) => {
  const names = ['..\\..\\evil.hdf', '../up.hdf', '/root.hdf', 'C:\\a.hdf', 'a/./b.hdf', 'x.hdf', 'X.hdf', '..', 'a\u0007.hdf'];
  const entries = names.map((path) => ({ path, file: new File(['x'], 'x'), crc: 0x8cdc1683, modified }));
  const path = join(folder(context), 'names.zip');
  writeFileSync(path, Buffer.from(await zip(entries).arrayBuffer()));
  assert.deepEqual(
    JSON.parse(found(path)[0]).map(([name]) => name),
    ['.._.._evil.hdf', 'up.hdf', 'root.hdf', 'C__a.hdf', 'a/b.hdf', 'x.hdf', 'X (2).hdf', 'unnamed', 'a_.hdf'],
  );
});

/** Writes an archive whose large files are only lengths: holes of a sparse file. */
function writeSparse(path, entries) {
  const { Blob } = globalThis;
  let parts;
  globalThis.Blob = class {
    constructor(given) {
      parts = given;
    }
  };
  try {
    zip(entries);
  } finally {
    globalThis.Blob = Blob;
  }
  const file = openSync(path, 'w');
  let at = 0;
  for (const part of parts) {
    const isHole = !(part instanceof Uint8Array) && part.bytes === undefined;
    const bytes = part.bytes ?? part;
    if (!isHole) writeSync(file, bytes, 0, bytes.length, at);
    at += isHole ? part.size : bytes.length;
  }
  closeSync(file);
}

test('entries beyond 4 GiB, and one behind them', (context) => {
  const size = 4.5 * 2 ** 30;
  const bytes = new TextEncoder().encode('behind');
  const path = join(folder(context), 'large.zip');
  writeSparse(path, [
    { path: 'small.hdf', file: { size: bytes.length, bytes }, crc: sums.extended(0, bytes), modified },
    { path: 'large.hdf', file: { size }, crc: 0, modified },
    { path: 'behind.hdf', file: { size: bytes.length, bytes }, crc: sums.extended(0, bytes), modified },
  ]);
  const [list, last] = found(path);
  const [small, large, behind] = JSON.parse(list);
  assert.deepEqual(small, ['small.hdf', bytes.length, 0, [2026, 1, 31, 12, 30, 58]]);
  assert.deepEqual(large.slice(0, 2), ['large.hdf', size]);
  assert.equal(behind[0], 'behind.hdf');
  assert.ok(behind[2] > size);
  assert.equal(last, 'behind');
});

test('more than 65535 entries', async (context) => {
  const text = new TextEncoder().encode('x');
  const crc = sums.extended(0, text);
  const file = new Blob([text]);
  const entries = Array.from({ length: 70_000 }, (_, index) => ({ path: `${index}.hdf`, file, crc, modified }));
  const path = join(folder(context), 'many.zip');
  writeFileSync(path, Buffer.from(await zip(entries).arrayBuffer()));
  const [list, last] = found(path);
  assert.equal(JSON.parse(list).length, 70_000);
  assert.equal(last, 'x');
});
