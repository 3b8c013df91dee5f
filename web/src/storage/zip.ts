// A ZIP archive made of finished outputs, which are not copied: the archive is a blob that refers
// to them and is read while the browser saves it. Entries are stored, as they are deflated inside.
//
// Source: APPNOTE.TXT 6.3.10 (PKWARE), sections 4.3 and 4.5.3 for ZIP64. Own code since it is less
// than a library's bundle, and libraries copy what they pack.

/** One file of the archive. */
export interface Entry {
  /** With / between folders. */
  path: string;
  file: Blob;
  crc: number;
  modified: Date;
}

const VERSION = 45; // the first with ZIP64
const UTF8 = 1 << 11;
const ZIP64_TAG = 1;
const FULL_16 = 0xffff;
const FULL_32 = 0xffffffff;

/** Little-endian fields, one after the other. */
class Fields {
  readonly #bytes: number[] = [];

  of(size: 2 | 4 | 8, ...values: number[]): this {
    for (const value of values) {
      for (let place = 0, rest = value; place < size; place++, rest = Math.floor(rest / 256)) {
        this.#bytes.push(rest % 256);
      }
    }
    return this;
  }

  get length(): number {
    return this.#bytes.length;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes);
  }
}

/** Date and time as MS-DOS has them, in that order from the high end; local time, 2 s apart. */
function dosTime(time: Date): number {
  const date = ((Math.max(1980, time.getFullYear()) - 1980) << 9) | ((time.getMonth() + 1) << 5) | time.getDate();
  const clock = (time.getHours() << 11) | (time.getMinutes() << 5) | (time.getSeconds() >> 1);
  return date * 0x10000 + clock;
}

/** ZIP64 numbers that do not fit their 32-bit fields. */
function extraField(...numbers: number[]): Uint8Array<ArrayBuffer> {
  const long = numbers.filter((number) => number >= FULL_32);
  if (long.length === 0) return new Uint8Array();
  return new Fields().of(2, ZIP64_TAG, 8 * long.length).of(8, ...long).bytes();
}

const short = (number: number): number => Math.min(number, FULL_32);

function localHeader({ file, crc, modified }: Entry, name: Uint8Array, extra: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Fields()
    .of(4, 0x04034b50)
    .of(2, VERSION, UTF8, 0)
    .of(4, dosTime(modified), crc, short(file.size), short(file.size))
    .of(2, name.length, extra.length)
    .bytes();
}

function centralHeader(
  { file, crc, modified }: Entry,
  name: Uint8Array,
  extra: Uint8Array,
  offset: number,
): Uint8Array<ArrayBuffer> {
  return new Fields()
    .of(4, 0x02014b50)
    .of(2, VERSION, VERSION, UTF8, 0)
    .of(4, dosTime(modified), crc, short(file.size), short(file.size))
    .of(2, name.length, extra.length, 0, 0, 0)
    .of(4, 0, short(offset))
    .bytes();
}

/** The directory's end, with its ZIP64 form when a number needs it. */
function end(count: number, size: number, offset: number): Uint8Array<ArrayBuffer> {
  const fields = new Fields();
  if (count >= FULL_16 || size >= FULL_32 || offset >= FULL_32) {
    fields
      .of(4, 0x06064b50)
      .of(8, 44)
      .of(2, VERSION, VERSION)
      .of(4, 0, 0)
      .of(8, count, count, size, offset)
      .of(4, 0x07064b50, 0)
      .of(8, offset + size)
      .of(4, 1);
  }
  const shortCount = Math.min(count, FULL_16);
  return fields
    .of(4, 0x06054b50)
    .of(2, 0, 0, shortCount, shortCount)
    .of(4, short(size), short(offset))
    .of(2, 0)
    .bytes();
}

/** One after the other. Browsers take long over blobs of many small parts. */
function joined(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * A name in the archive that no program unpacks outside the folder it was given: Windows takes backslashes and colons
 * for parts of a path, whatever they were where the file came from.
 */
function nameFor(path: string, used: Set<string>): string {
  const parts = path.replace(/[\u0000-\u001f\u007f\\:]/g, '_').split('/');
  const safe = parts.filter((part) => !['', '.', '..'].includes(part)).join('/') || 'unnamed';
  let name = safe;
  for (let count = 2; used.has(name.toLowerCase()); count += 1) name = safe.replace(/(\.[^./]*)?$/, ` (${count})$1`);
  used.add(name.toLowerCase());
  return name;
}

/** The archive of all entries, in order. */
export function zip(entries: Entry[]): Blob {
  const parts: BlobPart[] = [];
  const directory: Uint8Array[] = [];
  const used = new Set<string>();
  let offset = 0;
  for (const entry of entries) {
    const { size } = entry.file;
    const name = new TextEncoder().encode(nameFor(entry.path, used));
    const localExtra = extraField(size, size);
    const local = joined([localHeader(entry, name, localExtra), name, localExtra]);
    const extra = extraField(size, size, offset);
    directory.push(centralHeader(entry, name, extra, offset), name, extra);
    parts.push(local, entry.file);
    offset += local.length + size;
  }
  const central = joined(directory);
  return new Blob([...parts, central, end(entries.length, central.length, offset)], { type: 'application/zip' });
}
