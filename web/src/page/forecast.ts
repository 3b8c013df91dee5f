// How large outputs would be with the settings as they are: of files in sight, and of some of all, for the total.

import type { Choice, Prediction } from '../protocol.js';
import type { Task } from './background.js';
import type { Job } from './job.js';
import type { Queue } from './queue.js';

// Of more files than these as many are looked at, spread over the list, and the total is scaled.
const SAMPLE = 50;

/** What the user set. */
interface Wishes {
  readonly choice: Choice | null;
  /** Calls back whenever the choice has changed. */
  watch(watcher: () => void): void;
}

export class Forecast {
  readonly #queue: Queue;
  readonly #settings: Wishes;
  readonly #seen: () => Job[];
  /** The choice that predictions are about. */
  #choice: Choice | null = null;
  /** Files that were looked at, with or without success. */
  #asked = new Set<Job>();
  /** Files whose measurement took long, and gave way to others. */
  readonly #late = new Set<Job>();
  /** Files for the total, of so many that wait. */
  #sample: { of: number; jobs: Job[] } = { of: 0, jobs: [] };

  constructor(queue: Queue, settings: Wishes, seen: () => Job[]) {
    this.#queue = queue;
    this.#settings = settings;
    this.#seen = seen;
    // At once: sizes of other settings are wrong, and the next may take a while to be known.
    settings.watch(() => this.#follow());
    queue.watch({
      changed: () => undefined,
      removed: (jobs) => {
        for (const job of jobs) {
          this.#asked.delete(job);
          this.#late.delete(job);
        }
      },
    });
  }

  /** Looks at the next file that nothing is known of; only with `late` at one that took long before. */
  next(late: boolean): Task | null {
    this.#follow();
    const { choice } = this.#settings;
    if (!choice || this.#isUntimely()) return null;
    const isOpen = (job: Job): boolean => job.state.is === 'waiting' && !this.#asked.has(job) && (late || !this.#late.has(job));
    const job = this.#seen().find(isOpen) ?? this.#spread().find(isOpen);
    if (!job) return null;
    return {
      job,
      run: async (standby, gone) => {
        const { file } = job;
        this.#asked.add(job);
        const prediction: Prediction = await standby.askOnce((engine) => engine.predict(file, choice), gone);
        // The settings may be others by now, and the file, too.
        if (this.#settings.choice === choice && job.file === file) job.prediction = prediction;
      },
      isUntimely: () => this.#isUntimely(),
      gaveWay: () => {
        this.#asked.delete(job);
        this.#late.add(job);
      },
    };
  }

  /** While a file is worked on, all cores are. */
  #isUntimely(): boolean {
    return this.#queue.running !== null;
  }

  /** Files that wait, some of many, at equal distances. */
  #spread(): Job[] {
    const of = this.#queue.tally.of('waiting');
    if (this.#sample.of === of) return this.#sample.jobs;
    const waiting = this.#queue.jobs.filter(({ state }) => state.is === 'waiting');
    const jobs = of <= SAMPLE ? waiting : Array.from({ length: SAMPLE }, (_, index) => waiting[Math.floor((index * of) / SAMPLE)]!);
    this.#sample = { of, jobs };
    return jobs;
  }

  /** Forgets what is known when the settings are others. */
  #follow(): void {
    const { choice } = this.#settings;
    if (choice === this.#choice) return;
    for (const job of this.#asked) job.prediction = null;
    this.#asked = new Set();
    this.#choice = choice;
  }
}
