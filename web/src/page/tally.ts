// How many files there are of each kind, kept up with every change: never summed over a list of thousands.

import type { Job, State } from './job.js';
import { Stratum, stratumOf, sumOf } from './strata.js';

/** States of files that are to be worked on, or are being worked on. */
const OPEN: State['is'][] = ['inspecting', 'checking', 'waiting', 'running'];

/** A sum that may be off by no more than this part is given without a word about it, and no more files are looked at for it. */
export const MOST_DOUBT = 0.03;
/** One that may be off by more than this part says nothing that helps: it is not known yet. */
export const WORTHLESS = 0.25;

// Of more files that wait nothing is said of all before so many were looked at.
const FEWEST = 10;

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
  /** The files that it is like, of one that waits. */
  stratum: string | null;
  /** Bytes of its pixels, unpacked. */
  unpacked: number;
}

function counted(job: Job): Counted {
  const { file, made, prediction, state, inspection } = job;
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
    stratum: state.is === 'waiting' && inspection ? stratumOf(inspection.info, file.size) : null,
    unpacked: inspection?.info.uncompressed_bytes ?? 0,
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
  /** Bytes of those that wait. */
  waitingBytes = 0;
  /** Of these, files whose output is predicted, and those that only a bound is known of. */
  predicted = 0;
  bounded = 0;
  readonly #strata = new Map<string, Stratum>();
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
      this.predicted += sign;
      this.bounded += counted.bounded ? sign : 0;
    }
    if (counted.stratum !== null) this.#addTo(counted.stratum, counted, sign);
    this.losing += counted.expectsLoss ? sign : 0;
    if (counted.doubtful) {
      this.doubtful += sign;
      this.#doubtfulBytes += sign * size;
    }
  }

  #addTo(name: string, { size, unpacked, expected, doubtful }: Counted, sign: 1 | -1): void {
    const stratum = this.#strata.get(name) ?? new Stratum();
    // What nothing can be made of has no output, and others like it may have none either.
    stratum.add(sign, size, unpacked, doubtful ? 0 : expected);
    if (stratum.files > 0) this.#strata.set(name, stratum);
    else this.#strata.delete(name);
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

  /** Files that wait and are alike, by the name of what they have in common. */
  get strata(): ReadonlyMap<string, Stratum> {
    return this.#strata;
  }

  /** Bytes of what those would become, and the part by which that may be off; null where nothing is known of any. */
  get expected(): { bytes: number; doubt: number } | null {
    if (this.predicted === 0) return null;
    // What has no header yet may be anything; and of fewer files than these it is chance how much they differ.
    const isOpen = this.of('inspecting') > 0 || this.predicted < Math.min(FEWEST, this.promising.files);
    const sum = sumOf([...this.#strata.values()]);
    return sum && isOpen ? { ...sum, doubt: Infinity } : sum;
  }
}
