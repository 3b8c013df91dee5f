// What the page and its worker say to each other.

/** What the user chose, as the command line's options. */
export interface Choice {
  /** 2 to 16; 0 keeps floats, compressed; -1 floats, uncompressed. */
  bits: number;
  /** 0 to 9; null is the default. */
  level: number | null;
  limits:
    | { kind: 'all' | 'nooutliers' }
    | { kind: 'sigma' | 'explicit'; first: number; second: number };
}

/** What a header says. */
export interface Inspected {
  images: number;
  nx: number;
  ny: number;
  nz: number;
  mode: number;
  /** Angstrom. */
  pixelSize: number;
}

/** What was done. */
export interface Compressed {
  outputBytes: number;
  pixels: number;
  truncated: number;
  /** Two numbers as text, or none. */
  range: string[];
  step: string[];
  warnings: string[];
  seconds: number;
  /** Bytes the WebAssembly memory has grown to. */
  memoryBytes: number;
}

/** A place in the page's own storage: folder and name. */
export interface Place {
  folder: string;
  name: string;
}

export type Request =
  | { type: 'inspect'; id: number; file: File }
  | { type: 'check'; id: number; choice: Choice }
  | { type: 'checksum'; id: number; file: File }
  | { type: 'compress'; id: number; file: File; place: Place; choice: Choice };

/** The first message to a worker. */
export interface Start {
  /** Address of the folder with the modules. */
  modules: string;
  /** Threads of the pool; 0 is the build without threads. */
  threads: number;
}

export type Reply =
  | { type: 'ready' }
  | { type: 'unusable'; message: string }
  | { type: 'progress'; id: number; done: number; total: number }
  | { type: 'inspected'; id: number; inspected: Inspected }
  | { type: 'checked'; id: number; problem: string | null }
  | { type: 'summed'; id: number; crc: number }
  | { type: 'compressed'; id: number; compressed: Compressed }
  | { type: 'failed'; id: number; message: string }
  /** The module trapped; nothing can be asked of this worker any more. */
  | { type: 'broken'; message: string };
