// What a record takes: files byte for byte, and lines.

import type * as Module from '../../generated/wasm/threads/e2compress.js';
import type { FoundRecord, RecordLine } from '../protocol.js';

// Bytes read at once: few enough that other questions are answered in between.
const PIECE = 4 * 2 ** 20;

/** Reads a file to its end, a piece at a time. A file that was changed since it was chosen cannot be read. */
async function readThrough(module: typeof Module, file: File, take: (bytes: Uint8Array, end: number) => void): Promise<void> {
  for (let start = 0; start < file.size; start += PIECE) {
    const end = Math.min(file.size, start + PIECE);
    const piece = await file
      .slice(start, end)
      .arrayBuffer()
      .catch((problem: unknown) => Promise.reject(new Error(module.readProblem(problem))));
    take(new Uint8Array(piece), end);
  }
}

/** The SHA-256 of a whole file. */
export async function fingerprint(module: typeof Module, file: File, progress: (done: number, total: number) => void): Promise<string> {
  const sum = new module.Sha256();
  await readThrough(module, file, (bytes, end) => {
    sum.update(bytes);
    progress(end, file.size);
  });
  return sum.finish();
}

/** What a record says. */
export async function readRecord(module: typeof Module, file: File): Promise<FoundRecord> {
  const reader = new module.RecordReader();
  await readThrough(module, file, (bytes) => reader.take(bytes));
  return reader.finish(file.name) as FoundRecord;
}

/** A line as the command writes it. */
export function lineOf(module: typeof Module, line: RecordLine): string {
  const text = JSON.stringify(line);
  return line.of === 'finished' ? module.finishedLine(text) : module.failedLine(text);
}
