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
  /** What a record has of it, as JSON. */
  record: string;
  /** Size before and after, and how many times smaller it is, or that it is larger, in words. */
  sizes: string;
  /** A picture was lost. */
  lost: boolean;
  /** Why it is larger than the input, in words; null where it is not. */
  growth: string | null;
  /** Part of the information that the image keeps which loses most, in words; null where nothing is known of it. */
  kept: string | null;
  warnings: string[];
  /** What each warning is about, for programs. */
  warning_kinds: string[];
  notes: string[];
}

/** What an expansion came to. */
export interface ExpandReport {
  output_bytes: number;
  mode: number;
  /** How pixels are stored, in words, by the core. */
  words: string;
  warnings: string[];
  /** As those of a compression. */
  warning_kinds: string[];
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

/** A file as a record names it. */
export interface Fingerprint {
  /** Folders and name, as the page knows them. */
  path: string;
  bytes: number;
  sha256: string;
}

/** What a line of a record is made from; what is JSON was written by the core. */
export type RecordLine = { commit: string; time: number; options: string } & (
  | { of: 'finished'; report: string; error: string | null; input: Fingerprint; output: Fingerprint }
  | { of: 'failed'; folder: string; name: string; problem: string }
);

/** A file that a record says is done by this version. */
export interface RecordEntry {
  /** Of the input, without folders. */
  name: string;
  bytes: number;
  sha256: string;
  /** What decided the output's bytes, as JSON. */
  options: string;
  /** That it is done, in words, by the core. */
  words: string;
  /** What was warned of then. */
  warnings: string[];
  notes: string[];
  /** A picture was lost. */
  lost: boolean;
}

/** What a record says. */
export interface FoundRecord {
  entries: RecordEntry[];
  /** Files that they are of: one whose path can be read in two ways has two entries. */
  done: number;
  /** Lines of files. */
  lines: number;
  /** What there is to say of lines that count for nothing, in words, by the core. */
  note: string | null;
}

/** What checking an output beside its input found. */
export interface Verification {
  /** Why the output is not known to be right, in words; then the rest is empty. */
  problem: string | null;
  /** In words, by the core. */
  words: string;
  largest: number | null;
  rms: number | null;
  warnings: string[];
  /** What a record has of it, as JSON. */
  error: string | null;
}

/** One section of an image, reduced to a small grey picture. */
export interface Picture {
  /** As shown, counted from 0. */
  image: number;
  section: number;
  /** Of the file, and of this image. */
  images: number;
  sections: number;
  /** Extent of the section. */
  nx: number;
  ny: number;
  /** Pixels along a side that one pixel of the picture stands for. */
  reduction: number;
  /** Extent of the picture. */
  columns: number;
  rows: number;
  /** Means of the finite pixels, row by row, the lowest row first; NaN where there is none. */
  values: Float32Array<ArrayBuffer>;
  /** Ends of the picture's grey scale, which outliers do not stretch. */
  black: number;
  white: number;
  /** The same for the section's own pixels: where noise does not average out it takes a wider scale. */
  pixel_black: number;
  pixel_white: number;
  /** What its image brings along to the output: the name of each attribute there, and its value in words. */
  attributes: [string, string][];
}

/** A part of a section at full size, row by row, the lowest row first. */
export interface Crop {
  image: number;
  section: number;
  x: number;
  y: number;
  nx: number;
  ny: number;
  values: Float32Array<ArrayBuffer>;
}

/** Counts of the values of a section, in bins of equal width from `low` on. */
export interface Histogram {
  low: number;
  width: number;
  counts: number[];
}

/** Radial means of a power spectrum, frequencies in cycles per pixel. */
export interface Spectrum {
  frequency: number[];
  density: number[];
}

/** What is known of the noise of an image; densities are variances. */
export interface Noise {
  density: number[];
  edge: number;
  median: number[];
  floor: number;
  band: number;
  content: number;
  blocks: number;
  of: number;
  signal: boolean;
  counts: boolean;
}

/** What a number of bits costs an image. */
export interface BitsPlan {
  bits: number;
  /** Ends of what the codes span. */
  low: number;
  high: number;
  step: number;
  step_over_noise: number | null;
  /** As a share, at the noise floor. */
  loss: number | null;
  exact: boolean;
  /** Variance of the error, the same at every frequency. */
  error: number;
  lost: boolean;
  predicted_size: number | null;
  chosen: boolean;
  /** Bits of the input's codes, where these stay; null where new ones are made. */
  kept: number | null;
}

/** What `e2compress plan --json` prints of an image. */
export interface ImagePlan {
  nx: number;
  ny: number;
  nz: number;
  minimum: number;
  maximum: number;
  sigma: number;
  image: number;
  through: number;
  estimated: boolean;
  bits: number | null;
  reason: string | null;
  target: number | null;
  noise_floor: number | null;
  step: number | null;
  step_over_noise: number | null;
  loss: number | null;
  loss_median: number | null;
  band: [number, number] | null;
  added_noise: number | null;
  blocks: number;
  signal: boolean;
  counts_times_gain: boolean;
  predicted_size: number | null;
  /** Part of the pixels that the choice clips. */
  clipped: number | null;
  noise: Noise | null;
  table: BitsPlan[];
}

/** One row of the table of bits in words, as the command prints it; an empty size is not known. */
export interface PlanRow {
  bits: number;
  step: string;
  step_over_noise: string;
  loss: string;
  /** The same as a part of a sentence. */
  cost: string;
  size: string;
  chosen: boolean;
  low: number;
  high: number;
  lost: boolean;
  exact: boolean;
}

/** The plan of an image, and its words by the core. */
export interface Plan {
  plan: ImagePlan;
  heading: string;
  facts: [string, string][];
  rows: PlanRow[];
  /** The rows beyond the table. */
  beyond: PlanRow[];
  /** What auto takes, and why. */
  words: string;
  /** The part of the information that may be lost at any frequency, and in words; null where nothing was estimated. */
  allowed: number | null;
  allowed_words: string | null;
  /** From which to which frequency each density of the noise is, in cycles per pixel. */
  noise_bands: [number, number][];
  /** Edge of a pixel along both sides of a section, in Angstrom. */
  pixel_size: number | null;
}

/** A crop as it would be stored with so many bits. */
export interface Stored {
  bits: number;
  values: Float32Array<ArrayBuffer>;
  /** Stored minus original. */
  difference: Float32Array<ArrayBuffer>;
  /** Of the crop, as is what follows. */
  largest: number;
  rms: number;
  clipped: number;
  /** Power of the crop, and of the difference. */
  image: Spectrum;
  error: Spectrum;
}

/** What a file would become with these settings. */
export interface Prediction {
  /** Null where it cannot be told. */
  output_bytes: number | null;
  /** At most so many, where the length is not known. */
  most_bytes: number | null;
  /** To the byte. */
  exact: boolean;
  /** Images that were measured, of so many. */
  looked_at: number;
  images: number;
  /** The most of the images looked at, 0 for floats; null of MRC. */
  bits: number | null;
  /** The largest of the images looked at. */
  loss: number | null;
  /** The part of their pixels that lies outside the range. */
  clipped: number | null;
  words: string;
  /** How large the output would be, in words. */
  size: string;
  /** That images would show nothing any more, in words; null where none of those looked at would. */
  lost_words: string | null;
  /** Part of the information that would be kept, in words; null where nothing is known of it. */
  kept: string | null;
  /** What a plan of the whole file closes with. */
  lines: string[];
}

/** Which section of a file a question is about. */
export interface OfSection {
  /** A number that no other file of this page has: what is held of the file goes by it. */
  known: number;
  file: Chosen;
  eer: Rendering | null;
  image: number;
  /** Null is the middle one. */
  section: number | null;
}

/** A part of a section; what lies beside the section is left out. */
export type Part = Omit<Crop, 'values'>;

/** What is asked to show a file. */
export type LookRequest =
  /** At most so many pixels along the longer side. */
  | ({ type: 'picture'; id: number; most: number } & OfSection)
  | ({ type: 'crop'; id: number } & OfSection & Part)
  | ({ type: 'histogram'; id: number } & OfSection)
  | { type: 'plan'; id: number; file: Chosen; eer: Rendering | null; image: number; choice: Compression }
  | { type: 'stored'; id: number; crop: Crop; low: number; high: number; bits: number; kept: boolean }
  | { type: 'predict'; id: number; file: Chosen; choice: Choice };

export type Request =
  | LookRequest
  | { type: 'formats'; id: number }
  | { type: 'inspect'; id: number; file: Chosen; eer: Rendering | null }
  | { type: 'check'; id: number; choice: Choice }
  | { type: 'checksum'; id: number; file: File }
  | { type: 'options'; id: number; choice: Choice }
  | { type: 'fingerprint'; id: number; file: File }
  | { type: 'record'; id: number; file: File }
  | { type: 'line'; id: number; line: RecordLine }
  | { type: 'grown'; id: number; grew: number; files: number }
  | { type: 'verify'; id: number; output: Chosen; file: Chosen }
  /** `next` is read ahead when `file` has been read; `named` tells that `file` was the `next` of the request before. */
  | { type: 'make'; id: number; file: Chosen; named: boolean; next: Chosen | null; place: Place; choice: Choice };

/** The first message to a worker. */
export interface Start {
  /** Address of the folder with the modules. */
  modules: string;
  /** Threads of the pool; 0 is the build without threads. */
  threads: number;
}

/** What is said of it; a reply has the type of its request. */
export type LookReply =
  | { type: 'picture'; id: number; picture: Picture }
  | { type: 'crop'; id: number; crop: Crop }
  | { type: 'histogram'; id: number; histogram: Histogram }
  | { type: 'plan'; id: number; plan: Plan }
  | { type: 'stored'; id: number; stored: Stored }
  | { type: 'predict'; id: number; prediction: Prediction };

export type Reply =
  | LookReply
  | { type: 'ready' }
  /** It reads or writes, though it has nothing to tell. */
  | { type: 'alive' }
  | { type: 'unusable'; message: string }
  | { type: 'progress'; id: number; done: number; total: number }
  | { type: 'formats'; id: number; formats: Format[] }
  | { type: 'inspected'; id: number; inspection: Inspection }
  | { type: 'checked'; id: number; problem: string | null }
  | { type: 'summed'; id: number; crc: number }
  | { type: 'options'; id: number; options: string | null }
  | { type: 'fingerprint'; id: number; sha256: string }
  | { type: 'record'; id: number; record: FoundRecord }
  | { type: 'line'; id: number; line: string }
  | { type: 'grown'; id: number; words: string }
  | { type: 'verified'; id: number; verification: Verification }
  | { type: 'made'; id: number; made: Made }
  | { type: 'failed'; id: number; message: string }
  /** The module trapped; nothing can be asked of this worker any more. */
  | { type: 'broken'; message: string };
