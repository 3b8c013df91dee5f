// What the page and its worker say to each other.

/** What the user chose, as the command line's options. */
export type Choice = Compression | Expansion;

export interface Compression {
  way: 'compress';
  /** 2 to 16; 0 keeps floats, compressed; -1 floats, uncompressed. */
  bits: number;
  /** 0 to 9; null is the default. */
  level: number | null;
  limits:
    | { kind: 'all' | 'nooutliers' }
    | { kind: 'sigma' | 'explicit'; first: number; second: number };
}

/** Back to MRC. */
export interface Expansion {
  way: 'expand';
  /** 0, 1, 2, 6 or 12; null is one that holds every value. */
  mode: number | null;
}

/** What a file says of itself. Lists are empty and figures undefined where it doesn't. */
export interface Inspected {
  format: string;
  images: number;
  /** Columns, rows and sections of the first image. */
  sides: number[];
  sameSides: boolean;
  pixelType: string;
  /** Angstrom, along x, y and z. */
  pixelSize: number[];
  /** Least and most. */
  bits: number[];
  /** Two numbers as text. */
  range: string[];
  step: string[];
  truncated: number | undefined;
  /** Numbers as text. */
  minimum: string | undefined;
  maximum: string | undefined;
  mean: string | undefined;
  sigma: string | undefined;
  /** Of the pixels in the original's type. */
  originalBytes: number;
  originalType: string;
  warnings: string[];
  /** Of the MRC file that it would become: mrc or mrcs. */
  extension: string;
}

/** What was made of a file. */
export interface Made {
  outputBytes: number;
  /** How pixels are stored. */
  stored: Codes | { mode: number };
  warnings: string[];
  seconds: number;
  /** Bytes the WebAssembly memory has grown to. */
  memoryBytes: number;
}

/** How codes were chosen. */
export interface Codes {
  bits: number;
  pixels: number;
  truncated: number;
  /** Two numbers as text, or none. */
  range: string[];
  step: string[];
}

/** A place in the page's own storage: folder and name. */
export interface Place {
  folder: string;
  name: string;
}

export type Request =
  | { type: 'inspect'; id: number; file: File }
  | { type: 'check'; id: number; choice: Compression }
  | { type: 'checksum'; id: number; file: File }
  | { type: 'make'; id: number; file: File; place: Place; choice: Choice };

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
  | { type: 'made'; id: number; made: Made }
  | { type: 'failed'; id: number; message: string }
  /** The module trapped; nothing can be asked of this worker any more. */
  | { type: 'broken'; message: string };
