// What is said of EER movies that wait follows the settings: they decide how many images there are, and how large.

import { messageOf } from '../problem.js';
import type { Choice, Rendering } from '../protocol.js';
import type { Job } from './job.js';
import type { Queue } from './queue.js';
import { keyOf } from './rendering.js';
import type { Standby } from './standby.js';

/** What the user set. */
interface Wishes {
  readonly choice: Choice | null;
  /** Calls back whenever the choice has changed. */
  watch(watcher: () => void): void;
}

export class Renderings {
  readonly #queue: Queue;
  readonly #standby: Standby;
  readonly #settings: Wishes;
  /** Files to be looked at once more, in the order in which they came. */
  readonly #stale = new Set<Job>();
  #busy = false;

  constructor(queue: Queue, standby: Standby, settings: Wishes) {
    this.#queue = queue;
    this.#standby = standby;
    this.#settings = settings;
    settings.watch(() => {
      for (const job of queue.jobs) this.#note(job);
    });
    queue.watch({
      changed: (job) => this.#note(job),
      removed: (jobs) => jobs.forEach((job) => this.#stale.delete(job)),
    });
  }

  /** How images are made as the settings are; null while these are wrong or are checked. */
  get #rendering(): Rendering | null {
    return this.#settings.choice?.eer ?? null;
  }

  /** Whether something else is known of a file than the settings ask for. What is done keeps what it was made with. */
  #isStale(job: Job): boolean {
    const rendering = this.#rendering;
    return rendering !== null && job.state.is === 'waiting' && job.isMovie && job.rendered !== keyOf(rendering);
  }

  #note(job: Job): void {
    if (!this.#isStale(job)) return;
    this.#stale.add(job);
    if (!this.#busy) void this.#inspectAll();
  }

  async #inspectAll(): Promise<void> {
    this.#busy = true;
    for (const job of this.#stale) {
      this.#stale.delete(job);
      if (this.#isStale(job)) await this.#inspect(job, this.#rendering!);
    }
    this.#busy = false;
  }

  async #inspect(job: Job, rendering: Rendering): Promise<void> {
    const { file } = job;
    const key = keyOf(rendering);
    const holds = (): boolean => job.file === file && job.state.is === 'waiting';
    try {
      const inspection = await this.#standby.ask((engine) => engine.inspect(file, rendering), job.gone);
      if (holds()) job.render(inspection, key);
    } catch (problem) {
      // It could be read before: it is the settings that do not fit, or that break the worker.
      if (holds()) job.misfit(messageOf(problem), key);
    }
    // The settings may be others by now.
    if (this.#queue.jobs.includes(job)) this.#note(job);
  }
}
