// Whether files are worked on, or were done before.

import type { RecordEntry } from '../protocol.js';
import type { Job } from './job.js';
import { Turns } from './turns.js';

/** Knows what was done before. */
export interface Judge {
  /** Whether a proof is worth looking for. */
  mayKnow(job: Job): boolean;
  /** What says that a file is done with the settings as they are; null where nothing proves it. */
  proof(job: Job): Promise<RecordEntry | null>;
}

export class Checks {
  readonly #judge: Judge;
  readonly #through: () => void;
  readonly #turns = new Turns();
  /** How often what judgement rests on has changed. */
  #looks = 0;

  /** `through` is called after each check. */
  constructor(judge: Judge, through: () => void) {
    this.#judge = judge;
    this.#through = through;
  }

  /** A file that can be worked on waits, unless it may be done. */
  admit(job: Job): void {
    if (!job.insists && this.#judge.mayKnow(job)) void this.#check(job);
    else job.state = { is: 'waiting' };
  }

  /** Looks once more: what the judge knows has changed, or the settings have. */
  look(jobs: readonly Job[]): void {
    this.#looks++;
    for (const job of jobs) {
      const { is } = job.state;
      if (is === 'before' || (is === 'waiting' && !job.insists && this.#judge.mayKnow(job))) void this.#check(job);
    }
  }

  async #check(job: Job): Promise<void> {
    job.state = { is: 'checking' };
    await this.#turns.take(async () => {
      let looks, proof: RecordEntry | null;
      do {
        if (job.state.is !== 'checking') return; // cancelled meanwhile
        looks = this.#looks;
        // A file that cannot be read is told when it is worked on.
        proof = await this.#judge.proof(job).catch(() => null);
      } while (looks !== this.#looks);
      if (job.state.is === 'checking') job.state = proof === null ? { is: 'waiting' } : { is: 'before', proof };
    });
    this.#through();
  }
}
