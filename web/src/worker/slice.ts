// What the worker that computes and the worker that reads agree on.

/** A file as the module reads it. */
export interface Input {
  readonly size: number;
  /** Fills all of `bytes`, or throws. */
  read(offset: number, bytes: Uint8Array): void;
  /** The other file of a pair. */
  readonly other?: Input | undefined;
}

/** What is to be read, and where to in the shared memory. */
export interface Slice {
  file: File;
  offset: number;
  address: number;
  length: number;
}

/** What both workers share. */
export interface Shared {
  memory: WebAssembly.Memory;
  /** 0 while a slice is read, then what follows. */
  signal: Int32Array<SharedArrayBuffer>;
  /** What went wrong, as JSON in UTF-8. */
  text: Uint8Array<SharedArrayBuffer>;
}

export const READING = 0;
export const DONE = 1;
export const FAILED = 2;

export const TEXT_BYTES = 4096;
