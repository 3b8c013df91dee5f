// How large outputs would be with the settings as they are: of files in sight, and of some of all, for the total.

import { messageOf } from '../problem.js';
import type { Choice, Prediction } from '../protocol.js';
import type { Task } from './background.js';
import { Ended } from './engine.js';
import type { Job } from './job.js';
import type { Queue } from './queue.js';
import { MOST_DOUBT } from './tally.js';

// Of more files than these as many are looked at, spread over the list, and the total is scaled; twice as many, again and
// again, while that is too doubtful.
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
  #sample: { of: number; size: number; jobs: Job[] } = { of: 0, size: SAMPLE, jobs: [] };

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
        // The settings may be others by now, and the file, too.
        const isSame = (): boolean => this.#settings.choice === choice && job.file === file;
        try {
          const prediction: Prediction = await standby.askOnce((engine) => engine.predict(file, choice), gone);
          if (isSame()) job.prediction = prediction;
        } catch (problem) {
          // A worker that ends says nothing of the file.
          if (problem instanceof Ended || gone.aborted) throw problem;
          if (isSame()) job.doubt = messageOf(problem);
        }
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
    const { tally } = this.#queue;
    const of = tally.of('waiting');
    const { jobs: before, ...sample } = this.#sample;
    let { size } = sample;
    const isThrough = before.every((job) => this.#asked.has(job) || job.state.is !== 'waiting');
    if (isThrough && size < of && (tally.expected?.doubt ?? 0) > MOST_DOUBT) size *= 2;
    if (sample.of === of && sample.size === size) return before;
    const waiting = this.#queue.jobs.filter(({ state }) => state.is === 'waiting');
    const jobs = of <= size ? waiting : Array.from({ length: size }, (_, index) => waiting[Math.floor((index * of) / size)]!);
    this.#sample = { of, size, jobs };
    return jobs;
  }

  /** Forgets what is known when the settings are others. */
  #follow(): void {
    const { choice } = this.#settings;
    if (choice === this.#choice) return;
    for (const job of this.#asked) job.prediction = null;
    this.#asked = new Set();
    this.#sample = { of: 0, size: SAMPLE, jobs: [] };
    this.#choice = choice;
  }
}
