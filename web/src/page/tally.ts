// How many files there are of each kind, kept up with every change: never summed over a list of thousands.

import type { Job, State } from './job.js';

/** States of files that are to be worked on, or are being worked on. */
const OPEN: State['is'][] = ['inspecting', 'checking', 'waiting', 'running'];

/** A sum that may be off by no more than this part is given without a word about it, and no more files are looked at for it. */
export const MOST_DOUBT = 0.03;
// Of fewer files nothing tells how much the others differ from them.
const FEWEST = 3;
// Variance of sizes, as a part of their square, below which it may be rounding.
const LEAST_SPREAD = 1e-9;

/** What a job counts for. */
interface Counted {
  is: State['is'];
  size: number;
  /** Of the output. */
  after: number;
  warnings: number;
  lost: boolean;
  grew: boolean;
  /** Bytes of the output that is expected, of one that waits. */
  expected: number | null;
  /** These are a bound. */
  bounded: boolean;
  expectsLoss: boolean;
  /** Nothing can be made of it. */
  doubtful: boolean;
}

function counted(job: Job): Counted {
  const { file, made, prediction, state } = job;
  return {
    is: state.is,
    size: file.size,
    after: made?.report.output_bytes ?? 0,
    warnings: made || state.is === 'before' ? job.remarks.warnings.length : 0,
    lost: job.isLost,
    grew: job.grew,
    expected: state.is === 'waiting' && prediction ? (prediction.output_bytes ?? prediction.most_bytes) : null,
    bounded: state.is === 'waiting' && prediction !== null && prediction.output_bytes === null,
    expectsLoss: job.expectsLoss,
    doubtful: job.doubt !== null,
  };
}

export class Tally {
  readonly #counted = new Map<Job, Counted>();
  readonly #states = new Map<State['is'], number>();
  /** Bytes of all inputs. */
  bytes = 0;
  /** Bytes of inputs that are to be worked on, or are being worked on. */
  openBytes = 0;
  /** Bytes of the inputs that are finished, and of their outputs. */
  before = 0;
  after = 0;
  /** Files whose output is larger than they are. */
  grew = 0;
  /** Of those that are finished, or were done before: warnings, files that have some, and files that lost a picture. */
  warnings = 0;
  warned = 0;
  lost = 0;
  /** Of those that wait: bytes of all inputs, of the inputs whose outputs are predicted, and of these; and their number. */
  waitingBytes = 0;
  predictedBefore = 0;
  predictedAfter = 0;
  predicted = 0;
  /** Of these, outputs that only a bound is known of, and sums of squares and products, of both. */
  bounded = 0;
  #squares = { before: 0, after: 0, both: 0 };
  /** Files that would lose a picture; those that wait of which nothing can be made, and their bytes. */
  losing = 0;
  doubtful = 0;
  #doubtfulBytes = 0;

  /** Takes in a job that is new or has changed. */
  note(job: Job): void {
    const [before, now] = [this.#counted.get(job), counted(job)];
    if (before) this.#add(before, -1);
    this.#counted.set(job, now);
    this.#add(now, 1);
  }

  /** Leaves a job out from now on. */
  forget(job: Job): void {
    const before = this.#counted.get(job);
    if (before) this.#add(before, -1);
    this.#counted.delete(job);
  }

  #add(counted: Counted, sign: 1 | -1): void {
    const { is, size, after, warnings, lost, grew, expected } = counted;
    this.#states.set(is, this.of(is) + sign);
    this.bytes += sign * size;
    if (OPEN.includes(is)) this.openBytes += sign * size;
    if (is === 'waiting') this.waitingBytes += sign * size;
    if (is === 'finished' || is === 'moved') {
      this.before += sign * size;
      this.after += sign * after;
    }
    this.warnings += sign * warnings;
    this.warned += warnings > 0 ? sign : 0;
    this.lost += lost ? sign : 0;
    this.grew += grew ? sign : 0;
    if (expected !== null) {
      this.predictedBefore += sign * size;
      this.predictedAfter += sign * expected;
      this.predicted += sign;
      this.bounded += counted.bounded ? sign : 0;
      this.#squares.before += sign * size * size;
      this.#squares.after += sign * expected * expected;
      this.#squares.both += sign * size * expected;
    }
    this.losing += counted.expectsLoss ? sign : 0;
    if (counted.doubtful) {
      this.doubtful += sign;
      this.#doubtfulBytes += sign * size;
    }
  }

  /** Files in one of these states. */
  of(...states: State['is'][]): number {
    return states.reduce((sum, is) => sum + (this.#states.get(is) ?? 0), 0);
  }

  get files(): number {
    return this.#counted.size;
  }

  /** Files with an output, here or moved to a folder. */
  get finished(): number {
    return this.of('finished', 'moved');
  }

  get failed(): number {
    return this.of('failed');
  }

  /** Files that are to be worked on, or are being worked on. */
  get open(): number {
    return this.of(...OPEN);
  }

  /** Files that nothing is to be done for any more. */
  get done(): number {
    return this.files - this.open;
  }

  /** Files that wait and can become something, as far as that is known, and their bytes. */
  get promising(): { files: number; bytes: number } {
    return { files: this.of('waiting') - this.doubtful, bytes: this.waitingBytes - this.#doubtfulBytes };
  }

  /**
   * Bytes of what those would become, and the part by which that may be off where some of them were looked at; null of none. A
   * line is laid through outputs over inputs: the small ones are mostly what is around the pixels.
   */
  get expected(): { bytes: number; doubt: number } | null {
    const { predicted: some, predictedBefore: before, predictedAfter: after } = this;
    if (some === 0) return null;
    const { files, bytes } = this.promising;
    if (some === files) return { bytes: after, doubt: 0 };
    const [x, y] = [before / some, after / some];
    const { before: xx, after: yy, both: xy } = this.#squares;
    const [spread, common] = [xx / some - x * x, xy / some - x * y];
    // Inputs of one size lie on no line.
    const slope = spread > LEAST_SPREAD * x * x ? common / spread : 0;
    const off = bytes / files - x;
    const each = Math.max(0, y + slope * off);
    if (some < FEWEST || each === 0) return { bytes: files * each, doubt: 1 };
    const variance = Math.max(0, (yy / some - y * y - slope * common) * (some / (some - 2)));
    const further = slope === 0 ? 0 : (off * off) / spread;
    // Twice the standard error.
    const error = 2 * Math.sqrt(((1 - some / files) * variance * (1 + further)) / some);
    return { bytes: files * each, doubt: error / each };
  }
}
