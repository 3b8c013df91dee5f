// How many files there are of each kind, kept up with every change: never summed over a list of thousands.

import type { Job, State } from './job.js';

/** States of files that are to be worked on, or are being worked on. */
const OPEN: State['is'][] = ['inspecting', 'checking', 'waiting', 'running'];

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

  #add({ is, size, after, warnings, lost, grew, expected }: Counted, sign: 1 | -1): void {
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

  /** Bytes of what those that wait would become, scaled from those that were looked at; null of none. */
  get expected(): { bytes: number; isWhole: boolean } | null {
    if (this.predictedBefore === 0) return null;
    const isWhole = this.predicted === this.of('waiting');
    return { bytes: isWhole ? this.predictedAfter : (this.predictedAfter * this.waitingBytes) / this.predictedBefore, isWhole };
  }
}
