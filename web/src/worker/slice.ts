// What the worker that computes and the worker that reads agree on.

/** A file as the module reads it. */
export interface Input {
  readonly size: number;
  /** Fills all of `bytes`, or throws. */
  read(offset: number, bytes: Uint8Array): void;
  /** The same from the file as it is now, and not from what was read ahead: throws where the file has changed. */
  readAfresh(offset: number, bytes: Uint8Array): void;
  /** The other file of a pair. */
  readonly other?: Input | undefined;
}

/** A file that is poured into the ring when the one before it has been. */
export interface Next {
  /** Number of the stream: later ones have higher numbers. */
  stream: number;
  file: File;
}

/** What the worker that computes tells the one that reads. */
export type Order =
  /** Read a part into the module's memory. */
  | { type: 'slice'; id: number; file: File; offset: number; address: number; length: number }
  /** Pour a file into the ring from an offset to its end, and drop what was poured before. */
  | { type: 'pour'; stream: number; file: File; offset: number; next: Next | null }
  /** After the file that is being poured. */
  | { type: 'next'; next: Next }
  /** There is room in the ring again. */
  | { type: 'more' }
  /** Nothing is wanted any more. */
  | { type: 'stop' };

/** What both workers share. */
export interface Shared {
  memory: WebAssembly.Memory;
  /** The words below. */
  signal: Int32Array<SharedArrayBuffer>;
  /** What is read ahead: the byte of count n lies at n modulo the length. */
  ring: Uint8Array<SharedArrayBuffer>;
  /** What went wrong with a slice, as JSON in UTF-8. */
  text: Uint8Array<SharedArrayBuffer>;
}

/** Bytes of the ring: a power of two, as counts of bytes go round at 2^32. */
export const RING_BYTES = 32 * 2 ** 20;

export const TEXT_BYTES = 4096;

// Words of `signal`. Each has one writer, but for STALLED, and none is ever set back: a worker that
// is late finds what it waited for, or something newer, and never something older.

/** Changes with everything that the reader does; the other worker sleeps on it. */
export const PULSE = 0;
/** The reader's: bytes poured into the ring since the start. */
export const POURED = 1;
/** The reader's: number of the stream that was started last. */
export const STARTED = 2;
/** The reader's: what POURED was when a stream was started, in one word for odd numbers and one for even ones. */
export const BASES = 3;
/** The reader's: number of the stream that failed last. Why is not told: a slice of the same file says it better. */
export const FAILED = 5;
/** The reader's: number of the slice that was read last, and of the one that failed last. */
export const ANSWERED = 6;
export const REFUSED = 7;
/** The other's: bytes taken out of the ring, or skipped, since the start. */
export const TAKEN = 8;
/** The other's: the count of poured bytes that it is to be woken at. */
export const WANTED = 9;
/** 1 from the moment that the reader finds no room until it hears of some. */
export const STALLED = 10;

export const WORDS = 11;
