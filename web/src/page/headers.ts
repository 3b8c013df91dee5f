// What files say of themselves, read as soon as they are on the list.

import { Ended, Unstarted } from './engine.js';
import type { Job } from './job.js';
import type { Standby } from './standby.js';

// Headers that are asked for at once: the worker then has the next at hand, and need not wait for the page.
const AT_ONCE = 16;

/** What becomes of the files. */
interface Outcome {
  /** It was read. */
  read(job: Job): void;
  /** It could not be read. */
  failed(job: Job, problem: unknown): void;
  /** What is next can start. */
  next(): void;
}

export class Headers {
  readonly #standby: Standby;
  readonly #outcome: Outcome;
  #unread: Job[] = [];
  #busy = false;

  constructor(standby: Standby, outcome: Outcome) {
    this.#standby = standby;
    this.#outcome = outcome;
  }

  /** Reads a file's header when its turn comes. */
  add(job: Job): void {
    job.state = { is: 'inspecting' };
    this.#unread.push(job);
    if (!this.#busy) void this.#readAll();
  }

  /** Reads several at once; after one that breaks the worker one after the other, so that it breaks no other. */
  async #readAll(): Promise<void> {
    this.#busy = true;
    while (this.#unread.length > 0) {
      const some = this.#unread.splice(0, AT_ONCE);
      const isAlone = some.length === 1;
      const read = await Promise.all(some.map((job) => this.#read(job, isAlone)));
      for (const [index, job] of some.entries()) if (!read[index]) await this.#read(job, true);
    }
    this.#busy = false;
  }

  /** Reads a header; false when the worker broke off, perhaps for another's header, unless it was asked alone. */
  async #read(job: Job, isAlone: boolean): Promise<boolean> {
    if (job.state.is !== 'inspecting') return true; // cancelled meanwhile
    const { file } = job;
    try {
      job.inspected(await this.#standby.askOnce((engine) => engine.inspect(file), job.gone));
      if (job.state.is === 'inspecting') this.#outcome.read(job);
    } catch (problem) {
      if (problem instanceof Ended && !(problem instanceof Unstarted) && !isAlone) return false;
      if (job.state.is === 'inspecting' && job.file !== file) this.add(job);
      else if (job.state.is === 'inspecting') this.#outcome.failed(job, problem);
    }
    this.#outcome.next();
    return true;
  }
}
