// CRC-32 as ZIP has it (ISO 3309), eight bytes a step.

const POLYNOMIAL = 0xedb88320;
const SLICE = 4 * 2 ** 20;

/** table[k][b]: the effect of byte b followed by k zero bytes. */
const table = Array.from({ length: 8 }, () => new Uint32Array(256));
for (let byte = 0; byte < 256; byte++) {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  table[0]![byte] = value;
}
for (let zeros = 1; zeros < 8; zeros++) {
  for (let byte = 0; byte < 256; byte++) {
    const before = table[zeros - 1]![byte]!;
    table[zeros]![byte] = (before >>> 8) ^ table[0]![before & 255]!;
  }
}

/** Continues a sum (0 to begin with) over more bytes. */
export function extended(sum: number, bytes: Uint8Array): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = table as [
    Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array,
  ];
  let crc = ~sum;
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8) {
    const low = crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    crc =
      t7[low & 255]! ^ t6[(low >>> 8) & 255]! ^ t5[(low >>> 16) & 255]! ^ t4[low >>> 24]! ^
      t3[bytes[at + 4]!]! ^ t2[bytes[at + 5]!]! ^ t1[bytes[at + 6]!]! ^ t0[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[at]!) & 255]!;
  return ~crc >>> 0;
}

/** The sum of a whole file, a slice at a time; tells how far it is. */
export async function crc32(file: Blob, progress: (done: number, total: number) => void): Promise<number> {
  let sum = 0;
  for (let start = 0; start < file.size; start += SLICE) {
    progress(start, file.size);
    sum = extended(sum, new Uint8Array(await file.slice(start, start + SLICE).arrayBuffer()));
  }
  return sum;
}
