// How large outputs would be with the settings as they are: of files in sight, and of some of all, for the total.

import { messageOf } from '../problem.js';
import type { Choice, Prediction } from '../protocol.js';
import type { Task } from './background.js';
import { Ended } from './engine.js';
import type { Job } from './job.js';
import type { Queue } from './queue.js';
import { spreadOf, stratumOf } from './strata.js';
import { MOST_DOUBT } from './tally.js';

// As many files are looked at for the total at least, and more while that is too doubtful.
const FEWEST = 50;

/** The files of a stratum, in the order in which they are looked at. */
interface Members {
  jobs: Job[];
  /** Those before it were looked at, or wait no more. */
  at: number;
}

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
  /** Those that wait, by strata; null when they are to be sorted anew. */
  #members: Map<string, Members> | null = null;
  /** The strata of those that wait. */
  readonly #strata = new Map<Job, string>();

  constructor(queue: Queue, settings: Wishes, seen: () => Job[]) {
    this.#queue = queue;
    this.#settings = settings;
    this.#seen = seen;
    // At once: sizes of other settings are wrong, and the next may take a while to be known.
    settings.watch(() => this.#follow());
    queue.watch({
      changed: (job) => {
        const { state, inspection } = job;
        const name = state.is === 'waiting' && inspection ? stratumOf(inspection.info, job.file.size) : undefined;
        if (name === this.#strata.get(job)) return;
        if (name === undefined) this.#strata.delete(job);
        else this.#strata.set(job, name);
        this.#members = null;
      },
      removed: (jobs) => {
        for (const job of jobs) {
          if (this.#strata.delete(job)) this.#members = null;
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
    const job = this.#seen().find(isOpen) ?? this.#forTotal(isOpen);
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
        for (const members of this.#members?.values() ?? []) members.at = 0;
      },
    };
  }

  /** While a file is worked on, all cores are. */
  #isUntimely(): boolean {
    return this.#queue.running !== null;
  }

  /**
   * The file that tells most of the total: the next of the stratum that leaves most of it open. None when the total is known
   * well enough, as far as those that may be looked at tell.
   */
  #forTotal(isOpen: (job: Job) => boolean): Job | undefined {
    const { tally } = this.#queue;
    const common = spreadOf(tally.strata.values());
    let [best, most, squares, unknown] = [undefined as Job | undefined, -1, 0, 0];
    for (const [name, members] of this.#sorted()) {
      const stratum = tally.strata.get(name);
      const job = stratum && this.#nextOf(members, isOpen);
      if (!job) continue;
      const doubt = stratum.doubt(common);
      if (stratum.isUnknown) unknown += doubt;
      else squares += doubt * doubt;
      if (doubt > most) [best, most] = [job, doubt];
    }
    const doubt = unknown + Math.sqrt(squares);
    const isKnown = tally.predicted >= FEWEST && doubt <= MOST_DOUBT * (tally.expected?.bytes ?? 0);
    return isKnown ? undefined : best;
  }

  #nextOf(members: Members, isOpen: (job: Job) => boolean): Job | undefined {
    const { jobs } = members;
    while (members.at < jobs.length && (this.#asked.has(jobs[members.at]!) || jobs[members.at]!.state.is !== 'waiting')) members.at++;
    for (let at = members.at; at < jobs.length; at++) if (isOpen(jobs[at]!)) return jobs[at];
    return undefined;
  }

  /** Those that wait, by strata. */
  #sorted(): Map<string, Members> {
    if (this.#members) return this.#members;
    const strata = new Map<string, Job[]>();
    for (const job of this.#queue.jobs) {
      const name = this.#strata.get(job);
      if (name === undefined) continue;
      const jobs = strata.get(name);
      if (jobs) jobs.push(job);
      else strata.set(name, [job]);
    }
    const members = [...strata].map(([name, jobs]): [string, Members] => [name, { jobs: mixed(jobs), at: 0 }]);
    return (this.#members = new Map(members));
  }

  /** Forgets what is known when the settings are others. */
  #follow(): void {
    const { choice } = this.#settings;
    if (choice === this.#choice) return;
    for (const job of this.#asked) job.prediction = null;
    this.#asked = new Set();
    for (const members of this.#members?.values() ?? []) members.at = 0;
    this.#choice = choice;
  }
}

/**
 * Files in an order of which any beginning stands for all: the largest and the smallest, then by chance, since what is at equal
 * distances may be alike. The same files have the same order.
 */
function mixed(jobs: Job[]): Job[] {
  const chance = ({ number }: Job): number => Math.imul(number ^ (number >>> 7), 0x9e3779b1) >>> 0;
  const found = [...jobs].sort((one, other) => chance(one) - chance(other));
  for (const [place, isFurther] of [(size: number, than: number) => size > than, (size: number, than: number) => size < than].entries()) {
    let at = place;
    for (let other = place; other < found.length; other++) if (isFurther(found[other]!.file.size, found[at]!.file.size)) at = other;
    if (at < found.length) [found[place], found[at]] = [found[at]!, found[place]!];
  }
  return found;
}
