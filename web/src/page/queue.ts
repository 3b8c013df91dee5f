// Which file is worked on when: one at a time with all threads, in the order of the list.

import { messageOf } from '../problem.js';
import type { Choice } from '../protocol.js';
import { Names } from '../storage/names.js';
import { CLEARED, type Outputs } from '../storage/outputs.js';
import { Checks, type Judge } from './checks.js';
import { Custody } from './custody.js';
import { Ended, Engine, Stopped } from './engine.js';
import type { Found } from './found.js';
import { Headers } from './headers.js';
import { Job } from './job.js';
import { completes } from './pairs.js';
import { keyOf } from './rendering.js';
import type { Standby } from './standby.js';
import { Tally } from './tally.js';
import { Turns } from './turns.js';
import { Watchers } from './watchers.js';

// Whether the output of a running file is still there is looked at this often, in milliseconds, and
// once more so much later.
const LOOK_EVERY = 2000;
const LOOK_AGAIN = 500;

/** What the user set. */
interface Wishes {
  /** What to do with a file, or null while the settings are invalid. */
  readonly choice: Choice | null;
  /** Whether files start without being told to. */
  readonly atOnce: boolean;
}

/** What the queue needs of the page. */
export interface Surroundings {
  outputs: Promise<Outputs>;
  /** Reads headers. */
  standby: Standby;
  settings: Wishes;
  /** Threads to use, 0 for the build without. */
  threads: number;
  /** Knows what was done before. */
  before: Judge;
  /** The build with threads did not start; from now on the other one is used. */
  withoutThreads(reason: string): void;
}

/** Who wants to know what becomes of the files. */
export interface Watcher {
  /** The state of a file has changed. */
  changed(job: Job): void;
  /** Files were taken off the list. */
  removed(jobs: readonly Job[]): void;
}

export class Queue {
  /** In the order in which they came and are worked on. */
  jobs: readonly Job[] = [];
  readonly tally = new Tally();
  readonly #surroundings: Surroundings;
  readonly #names = new Names();
  readonly #changes = new Watchers<[Job]>();
  readonly #removals = new Watchers<[readonly Job[]]>();
  readonly #headers: Headers;
  /** Off the list; what still ends of their work counts for nothing. */
  readonly #removed = new WeakSet<Job>();
  #engine: Engine | null = null;
  #starting: Promise<Engine> | null = null;
  #running: Job | null = null;
  /** What is made of the file that is running. */
  #making: Promise<void> = Promise.resolve();
  /** Outputs that are being removed: the next one may need their room. */
  #clearing: Promise<unknown> = Promise.resolve();
  /** Of those who have the worker beside files that are made. */
  readonly #turns = new Turns();
  readonly #checks: Checks;
  /** The user has started the files that are there, and those that join them. */
  #started = false;
  #threads: number;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#threads = surroundings.threads;
    this.#checks = new Checks(surroundings.before, () => this.advance());
    this.#headers = new Headers(surroundings.standby, {
      read: (job) => this.#checks.admit(job),
      failed: (job, problem) => {
        job.choice = surroundings.settings.choice;
        job.state = { is: 'failed', problem: reasonOf(problem) };
      },
      next: () => this.advance(),
    });
  }

  /** Tells from now on what becomes of the files. */
  watch(watcher: Watcher): void {
    this.#changes.add((job) => watcher.changed(job));
    this.#removals.add((jobs) => watcher.removed(jobs));
  }

  #changed(job: Job): void {
    if (this.#removed.has(job)) return;
    this.tally.note(job);
    this.#endStart();
    this.#changes.tell(job);
  }

  /** What was started is through: files that come now wait again. */
  #endStart(): void {
    if (this.tally.open === 0) this.#started = false;
  }

  /** The file that is worked on. */
  get running(): Job | null {
    return this.#running;
  }

  /** Whether something would be lost with the page. */
  get busy(): boolean {
    return this.jobs.some(({ isOpen, state, saved }) => isOpen || (state.is === 'finished' && !saved));
  }

  /** Takes files in; returns their jobs, whose headers are read from now on. */
  add(found: Found[]): Job[] {
    // Those that miss their other file are few, and looked for once.
    const lone = this.jobs.filter(({ missing }) => missing !== null);
    const jobs = found.filter((one) => !this.#complete(lone, one)).map((one) => new Job(one));
    this.jobs = [...this.jobs, ...jobs];
    for (const job of jobs) {
      job.watch(() => this.#changed(job));
      this.#headers.add(job);
    }
    return jobs;
  }

  /** Takes a file that another one waits for, if there is such. */
  #complete(lone: Job[], one: Found): boolean {
    const job = lone.find(({ missing }) => completes(one, missing));
    if (!job) return false;
    job.complete(one.file);
    // One that is looked at already is looked at once more when that has failed.
    if (job.state.is !== 'inspecting') this.#reset(job);
    return true;
  }

  /** Whether files start as soon as they can, and not when the user says so. */
  get startsAtOnce(): boolean {
    return this.#surroundings.settings.atOnce || this.#started;
  }

  /** Starts the files that wait for it. */
  start(): void {
    this.#started = true;
    this.#endStart();
    this.advance();
  }

  /** The next file to be worked on. A walk over the list for each file that starts, not for each that changes. */
  #next(): Job | undefined {
    if (this.tally.of('waiting') === 0) return undefined;
    const all = this.startsAtOnce;
    return this.jobs.find(({ state, wanted }) => state.is === 'waiting' && (all || wanted));
  }

  /** Resolves when no file is worked on and none is about to be, or when nobody waits for that any more. */
  async idle(awaited: () => boolean): Promise<void> {
    while (awaited() && (this.#running || this.#next())) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
  }

  /** Starts the next file, when none is running. */
  advance(): void {
    const { choice } = this.#surroundings.settings;
    if (this.#running || this.#turns.taken || !choice) return;
    const job = this.#next();
    if (!job) return;
    this.#running = job;
    this.#making = this.#make(job, choice).finally(() => {
      this.#running = null;
      this.advance();
    });
  }

  async #make(job: Job, choice: Choice): Promise<void> {
    job.wanted = false;
    job.choice = choice;
    job.state = { is: 'running', since: performance.now(), done: 0, total: 0 };
    let guard = 0;
    const isRunning = (): boolean => job.state.is === 'running';
    try {
      const outputs = await this.#surroundings.outputs;
      await this.#clearing;
      const engine = await this.#ready();
      if (!isRunning()) return; // cancelled meanwhile
      job.saved = false;
      job.place = outputs.place();
      // Settings may have changed a moment ago: what is said of what is made is of these.
      if (job.isMovie) job.render(await engine.inspect(job.file, choice.eer), keyOf(choice.eer));
      if (!isRunning()) return; // cancelled meanwhile
      const extension = choice.way === 'compress' ? 'hdf' : job.inspection!.extension;
      if (!isRunning()) return; // cancelled meanwhile
      job.path = this.#names.take(job.folder, `${job.inspection!.stem}.${extension}`);
      const since = performance.now();
      guard = setInterval(() => void this.#endIfLost(job, engine, outputs), LOOK_EVERY);
      const progress = (done: number, total: number): void => {
        if (isRunning()) job.state = { is: 'running', since, done, total };
      };
      const made = await engine.make(job.file, job.place, choice, progress, this.#next()?.file);
      const output = await outputs.file(job.place);
      job.stopped = false;
      if (isRunning()) job.state = { is: 'finished', made, output };
      else await this.#forget(job); // cancelled meanwhile
    } catch (problem) {
      await this.#forget(job);
      // What the user cancelled is no failure.
      if (!isRunning()) return;
      // What stopped for no known reason is begun anew, once.
      const again = problem instanceof Stopped && !job.stopped;
      if (again) console.warn(`${job.file.name} is begun anew: ${problem.message}`);
      job.stopped = job.wanted = again;
      job.state = again ? { is: 'waiting' } : { is: 'failed', problem: reasonOf(problem) };
    } finally {
      clearInterval(guard);
    }
  }

  /**
   * Ends the work on an output that is gone. The worker does not notice: what it writes goes to a
   * file without a name, and in Chromium closing that one never returns.
   */
  async #endIfLost(job: Job, engine: Engine, outputs: Outputs): Promise<void> {
    const { place } = job;
    // The worker makes the file before it reports the first bytes, and removes it just before it reports a failure.
    const works = (): boolean => place !== null && job.place === place && job.state.is === 'running' && job.state.done > 0;
    for (let looks = 2; looks > 0 && works(); looks--) {
      const problem = await outputs.file(place!).then(() => null, reasonOf);
      if (problem === null) return;
      if (looks > 1) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
      else if (works()) {
        job.state = { is: 'failed', problem };
        engine.end(problem);
      }
    }
  }

  /** Starts the worker that computes, so that the first file need not wait for it. */
  prepare(): void {
    // What goes wrong is told when a file wants it.
    this.#ready().catch(() => undefined);
  }

  /** The worker that computes; one that was ended is replaced. */
  async #ready(): Promise<Engine> {
    if (this.#engine?.usable) return this.#engine;
    this.#starting ??= this.#start()
      .then((engine) => (this.#engine = engine))
      .finally(() => (this.#starting = null));
    return this.#starting;
  }

  async #start(): Promise<Engine> {
    // One that was ended may still be going: the next one gets a second chance.
    for (let chances = 2; this.#threads > 0; chances--) {
      try {
        return await Engine.start(this.#threads);
      } catch (problem) {
        if (chances > 1) continue;
        this.#threads = 0;
        this.#surroundings.withoutThreads(messageOf(problem));
      }
    }
    return Engine.start(0);
  }

  /** Lends the worker that computes, after the file that is running. */
  async lend<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
    const turn = this.#turns.take(async () => {
      await this.#making;
      return work(await this.#ready());
    });
    return turn.finally(() => this.advance());
  }

  /** Looks once more which files were done before: what records say has changed, or the settings have. */
  look(): void {
    this.#checks.look(this.jobs);
  }

  /** Stops a file that is waiting or running. */
  cancel(job: Job): void {
    if (!job.isOpen) return;
    job.wanted = false;
    job.state = { is: 'cancelled' };
    // While it computes it takes no messages: it is ended, and the next file gets a new one.
    if (this.#running === job) this.#engine?.end('cancelled');
  }

  /** Works on a file as soon as that is possible, for the first time or again, whatever becomes of the others. */
  again(job: Job): void {
    if (job.state.is === 'running') return;
    job.wanted = true;
    if (['waiting', 'checking', 'inspecting'].includes(job.state.is)) return this.advance();
    this.#repeat(job);
  }

  /** Works on all files again that are through, with the settings as they are. */
  againAll(): void {
    for (const job of this.jobs) if (!job.isOpen) this.#repeat(job);
    this.start();
  }

  /** Puts a file back that is through. */
  #repeat(job: Job): void {
    // What a record says of one that is done is no news to the user.
    if (job.made || job.state.is === 'before') job.insists = true;
    this.#reset(job);
  }

  /** Puts a file back to where it waits, at once: whatever the user does next finds it there. */
  #reset(job: Job): void {
    // What was cancelled a moment ago is forgotten where its work ends.
    if (this.#running !== job) this.#clearing = Promise.all([this.#clearing, this.#forget(job)]);
    if (job.inspection) {
      this.#checks.admit(job);
      this.advance();
    } else {
      this.#headers.add(job);
    }
  }

  /** Stops all files. */
  cancelAll(): void {
    // Those that wait first, so that none of them starts.
    for (const job of [...this.jobs].reverse()) this.cancel(job);
  }

  /** Takes files off the list, and their outputs out of the storage. */
  async remove(removed: readonly Job[]): Promise<void> {
    for (const job of removed) this.cancel(job);
    const gone = new Set(removed);
    this.jobs = this.jobs.filter((job) => !gone.has(job));
    for (const job of removed) {
      job.leave();
      this.#removed.add(job);
      this.tally.forget(job);
    }
    this.#endStart();
    this.#removals.tell(removed);
    await Promise.all(removed.map((job) => this.#forget(job)));
  }

  /** Whether a finished output is still there; one that is not is a failure from now on. */
  async holds(job: Job): Promise<boolean> {
    const { state } = job;
    if (state.is !== 'finished') return false;
    try {
      await state.output.slice(0, 1).arrayBuffer();
      return true;
    } catch (problem) {
      await this.#forget(job);
      if (job.state === state) job.state = { is: 'failed', problem: `${CLEARED} (${reasonOf(problem)})` };
      return false;
    }
  }

  /** Removes an output that was moved away. */
  async release(job: Job): Promise<void> {
    await this.#forget(job);
  }

  async #forget(job: Job): Promise<void> {
    const { place, path, custody } = job;
    if (path !== null) this.#names.release(path);
    job.path = null;
    job.place = null;
    job.custody = new Custody();
    if (!place) return;
    const outputs = await this.#surroundings.outputs;
    // What is left is removed with the tab's folder, at the next start at the latest.
    const remove = (): Promise<void> => outputs.remove(place).catch(() => undefined);
    if (custody.isFree) await remove();
    else void custody.free().then(remove);
  }
}

function reasonOf(problem: unknown): string {
  const message = messageOf(problem);
  return problem instanceof Ended ? `the program broke off: ${message}` : message;
}
