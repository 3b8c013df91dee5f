// What the page and its worker say to each other.

/** What the user chose, as the command line's options. */
export type Choice = (Compression | Expansion) & { eer: Rendering };

/** What is made of EER movies; all null is the default. */
export interface Rendering {
  /** Images that frames are summed to. */
  fractions: number | null;
  /** Frames in each. */
  grouping: number | null;
  /** 1, 2 or 4 pixels along each side of a pixel of the sensor. */
  upsampling: number | null;
}

export interface Compression {
  way: 'compress';
  /** As after --bits: auto; 2 to 16; 0 keeps floats, compressed; -1 floats, uncompressed. */
  bits: string;
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

/** What a file says of itself, as `e2compress info --json` has it; what the file does not say is null. */
export interface Info {
  format: string;
  bytes: number;
  images: number;
  /** Columns, rows and sections of the first image. */
  nx: number;
  ny: number;
  nz: number;
  same_shape: boolean;
  /** Angstrom, along x, y and z. */
  pixel_size: [number, number, number] | null;
  /** How pixels are stored, in words. */
  type: string;
  /** Least and most bits of the codes. */
  bits: [number, number] | null;
  /** Low and high end of what the codes span. */
  range: [number, number] | null;
  /** Smallest and largest step between codes. */
  step: [number, number] | null;
  /** Pixels that were outside the range. */
  truncated: number | null;
  minimum: number | null;
  maximum: number | null;
  mean: number | null;
  sigma: number | null;
  /** Of the pixels in the original's type where that is known, else as 32-bit floats. */
  uncompressed_bytes: number;
  /** That type, in words. */
  uncompressed_type: string;
  ratio: number;
  warnings: string[];
  notes: string[];
}

/** A file that was chosen, or the two of a pair that are one input. */
export interface Chosen {
  /** Of the file. */
  name: string;
  /** Bytes of both. */
  size: number;
  file: File;
  /** The other file of a pair. */
  other: File | null;
}

/** A format that can be read. */
export interface Format {
  name: string;
  /** Of its files, without the first dot, in small letters; one may have two parts, as mrc.gz. */
  extensions: string[];
  /** Extensions of the two files that an input of it is: of the one with the pixels, and of the other. */
  pair: [string, string] | null;
}

/** What is known of a file before anything is made of it. */
export interface Inspection {
  info: Info;
  /** The same in words, by the core: the name of each fact, and the fact. */
  facts: [string, string][];
  /** What an output is called, before its extension: x.y.mrc and x.y.mrcs.gz give x.y. */
  stem: string;
  /** Of the MRC file that it would become: mrc or mrcs. */
  extension: string;
}

/** What a compression came to. */
export interface Report {
  pixels: number;
  output_bytes: number;
  /** Pixels outside the range. */
  truncated: number;
  /** Low and high end of what the codes span; null for floats. */
  range: [number, number] | null;
  /** Smallest and largest step between codes; null for floats. */
  step: [number, number] | null;
  /** How pixels are stored, in words, by the core. */
  words: string;
  warnings: string[];
  notes: string[];
}

/** What an expansion came to. */
export interface ExpandReport {
  output_bytes: number;
  mode: number;
  /** How pixels are stored, in words, by the core. */
  words: string;
  warnings: string[];
  notes: string[];
}

/** What was made of a file. */
export type Work = { way: 'compress'; bits: string; report: Report } | { way: 'expand'; report: ExpandReport };

/** Seconds that the worker which computes spent on the browser; the rest is computing, or waiting for the pool. */
export interface Waits {
  /** Until bytes of the input were there, and were copied. */
  reading: number;
  /** Writing the output, and having it brought to disk. */
  writing: number;
  /** Reading the output back. */
  proof: number;
}

/** What it took. */
export interface Effort {
  seconds: number;
  waits: Waits;
  /** Bytes the WebAssembly memory has grown to. */
  memoryBytes: number;
}

export type Made = Work & Effort;

/** A place in the page's own storage: folder and name. */
export interface Place {
  folder: string;
  name: string;
}

export type Request =
  | { type: 'formats'; id: number }
  | { type: 'inspect'; id: number; file: Chosen; eer: Rendering | null }
  | { type: 'check'; id: number; choice: Choice }
  | { type: 'checksum'; id: number; file: File }
  /** `next` is read ahead when `file` has been read; `named` tells that `file` was the `next` of the request before. */
  | { type: 'make'; id: number; file: Chosen; named: boolean; next: Chosen | null; place: Place; choice: Choice };

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
  | { type: 'formats'; id: number; formats: Format[] }
  | { type: 'inspected'; id: number; inspection: Inspection }
  | { type: 'checked'; id: number; problem: string | null }
  | { type: 'summed'; id: number; crc: number }
  | { type: 'made'; id: number; made: Made }
  | { type: 'failed'; id: number; message: string }
  /** The module trapped; nothing can be asked of this worker any more. */
  | { type: 'broken'; message: string };
