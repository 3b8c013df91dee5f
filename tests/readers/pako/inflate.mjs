// Inflates zlib streams with pako, one after another: a stream comes with its length in four bytes, little-endian,
// in front; back go the data in the same form, or the length 0xFFFFFFFF for a stream that is refused.

import { readSync, writeSync } from 'node:fs';
import { Inflate } from 'pako';

const REFUSED = 0xffffffff;

/** So many bytes from standard input, or null at its end. */
function take(length) {
  const bytes = Buffer.alloc(length);
  for (let there = 0; there < length; ) {
    const read = readSync(0, bytes, there, length - there, null);
    if (read === 0) return null;
    there += read;
  }
  return bytes;
}

function give(bytes) {
  for (let gone = 0; gone < bytes.length; ) gone += writeSync(1, bytes, gone);
}

function length(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return bytes;
}

for (let head = take(4); head !== null; head = take(4)) {
  const inflate = new Inflate();
  inflate.push(take(head.readUInt32LE()), true);
  if (inflate.err === 0 && inflate.ended && inflate.strm.avail_in === 0) {
    give(length(inflate.result.length));
    give(inflate.result);
  } else {
    give(length(REFUSED));
  }
}
