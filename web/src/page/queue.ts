// Which file is worked on when: one at a time with all threads, in the order of the list.

import { messageOf } from '../problem.js';
import type { Choice } from '../protocol.js';
import { Names } from '../storage/names.js';
import { CLEARED, type Outputs } from '../storage/outputs.js';
import { Ended, Engine } from './engine.js';
import type { Found } from './found.js';
import { Job } from './job.js';
import { completes } from './pairs.js';
import type { Standby } from './standby.js';

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
  /** The build with threads did not start; from now on the other one is used. */
  withoutThreads(reason: string): void;
}

/** Who wants to know what becomes of the files. */
export interface Watcher {
  /** The state of a file has changed. */
  changed(job: Job): void;
  /** A file was taken off the list. */
  removed(job: Job): void;
}

export class Queue {
  readonly jobs: Job[] = [];
  readonly #surroundings: Surroundings;
  readonly #names = new Names();
  readonly #watchers: Watcher[] = [];
  /** One file after the other, so that one that breaks the worker breaks no other. */
  #inspections: Promise<void> = Promise.resolve();
  #engine: Engine | null = null;
  #starting: Promise<Engine> | null = null;
  #running: Job | null = null;
  /** The user has started the files that are there, and those that join them. */
  #started = false;
  #threads: number;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#threads = surroundings.threads;
  }

  /** Tells from now on what becomes of the files. */
  watch(watcher: Watcher): void {
    this.#watchers.push(watcher);
  }

  #changed(job: Job): void {
    this.#endStart();
    for (const watcher of this.#watchers) watcher.changed(job);
  }

  /** What was started is through: files that come now wait again. */
  #endStart(): void {
    if (this.#started && !this.jobs.some(({ isOpen }) => isOpen)) this.#started = false;
  }

  /** Whether something would be lost with the page. */
  get busy(): boolean {
    return this.jobs.some(({ isOpen, state, saved }) => isOpen || (state.is === 'finished' && !saved));
  }

  /** Takes files in; returns their jobs, whose headers are read from now on. */
  add(found: Found[]): Job[] {
    const jobs = found.filter((one) => !this.#complete(one)).map((one) => new Job(one));
    this.jobs.push(...jobs);
    for (const job of jobs) {
      job.watch(() => this.#changed(job));
      this.#inspect(job);
    }
    return jobs;
  }

  /** Takes a file that another one waits for, if there is such. */
  #complete(one: Found): boolean {
    const job = this.jobs.find(({ missing }) => completes(one, missing));
    if (!job) return false;
    job.complete(one.file);
    // One that is looked at already is looked at once more when that has failed.
    if (job.state.is !== 'inspecting') void this.again(job);
    return true;
  }

  #inspect(job: Job): void {
    job.state = { is: 'inspecting' };
    this.#inspections = this.#inspections.then(async () => {
      if (job.state.is !== 'inspecting') return; // cancelled meanwhile
      const { file } = job;
      try {
        job.inspection = await this.#surroundings.standby.askOnce((engine) => engine.inspect(file));
        if (job.state.is === 'inspecting') job.state = { is: 'waiting' };
      } catch (problem) {
        if (job.state.is === 'inspecting' && job.file !== file) return this.#inspect(job);
        if (job.state.is === 'inspecting') job.state = { is: 'failed', problem: reasonOf(problem) };
      }
      this.advance();
    });
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

  /** The next file to be worked on. */
  #waiting(): Job | undefined {
    return this.jobs.find(({ state }) => state.is === 'waiting');
  }

  /** Starts the next file, when none is running. */
  advance(): void {
    if (this.#running || !this.startsAtOnce) return;
    const job = this.#waiting();
    const { choice } = this.#surroundings.settings;
    if (!job || !choice) return;
    this.#running = job;
    void this.#make(job, choice).finally(() => {
      this.#running = null;
      this.advance();
    });
  }

  async #make(job: Job, choice: Choice): Promise<void> {
    job.state = { is: 'running', since: performance.now(), done: 0, total: 0 };
    let guard = 0;
    try {
      const outputs = await this.#surroundings.outputs;
      const engine = await this.#ready();
      if (job.state.is !== 'running') return; // cancelled meanwhile
      job.saved = false;
      job.place = outputs.place();
      const extension = choice.way === 'compress' ? 'hdf' : await this.#extension(job, engine, choice);
      if (job.state.is !== 'running') return; // cancelled meanwhile
      job.path = this.#names.take(job.folder, `${job.inspection!.stem}.${extension}`);
      const since = performance.now();
      guard = setInterval(() => void this.#endIfLost(job, engine, outputs), LOOK_EVERY);
      const progress = (done: number, total: number): void => {
        job.state = { is: 'running', since, done, total };
      };
      const made = await engine.make(job.file, job.place, choice, progress, this.#waiting()?.file);
      const output = await outputs.file(job.place);
      job.state = { is: 'finished', made, output };
    } catch (problem) {
      await this.#forget(job);
      // What the user cancelled is no failure.
      if (job.state.is === 'running') job.state = { is: 'failed', problem: reasonOf(problem) };
    } finally {
      clearInterval(guard);
    }
  }

  /** Of the MRC file that a file becomes: sums of an EER movie may be a single image. */
  async #extension(job: Job, engine: Engine, { eer }: Choice): Promise<string> {
    const { info, extension } = job.inspection!;
    return info.format === 'EER' ? (await engine.inspect(job.file, eer)).extension : extension;
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
    this.#starting ??= this.#start().finally(() => (this.#starting = null));
    return (this.#engine = await this.#starting);
  }

  async #start(): Promise<Engine> {
    // One that was ended may still be going: the next one gets a second chance.
    for (let chances = 2; this.#threads > 0; chances--) {
      try {
        return await Engine.start(this.#threads);
      } catch (problem) {
        if (chances > 1) continue;
        this.#threads = 0;
        this.#surroundings.withoutThreads(reasonOf(problem));
      }
    }
    return Engine.start(0);
  }

  /** Stops a file that is waiting or running. */
  cancel(job: Job): void {
    if (!job.isOpen) return;
    job.state = { is: 'cancelled' };
    // While it computes it takes no messages: it is ended, and the next file gets a new one.
    if (this.#running === job) this.#engine?.end('cancelled');
  }

  /** Works on a file again, or for the first time after a failure. */
  async again(job: Job): Promise<void> {
    if (this.#running === job) return;
    await this.#forget(job);
    if (job.inspection) {
      job.state = { is: 'waiting' };
      this.advance();
    } else {
      this.#inspect(job);
    }
  }

  /** Stops all files. */
  cancelAll(): void {
    // Those that wait first, so that none of them starts.
    for (const job of [...this.jobs].reverse()) this.cancel(job);
  }

  /** Takes a file off the list, and its output out of the storage. */
  async remove(job: Job): Promise<void> {
    this.cancel(job);
    const index = this.jobs.indexOf(job);
    if (index >= 0) this.jobs.splice(index, 1);
    this.#endStart();
    for (const watcher of this.#watchers) watcher.removed(job);
    await this.#forget(job);
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
    const { place, path, readUntil } = job;
    if (path !== null) this.#names.release(path);
    job.path = null;
    job.place = null;
    job.readUntil = 0;
    if (!place) return;
    const outputs = await this.#surroundings.outputs;
    // What is left is removed with the tab's folder, at the next start at the latest.
    const remove = (): Promise<void> => outputs.remove(place).catch(() => undefined);
    const wait = readUntil - performance.now();
    if (wait > 0) setTimeout(remove, wait);
    else await remove();
  }
}

function reasonOf(problem: unknown): string {
  const message = messageOf(problem);
  return problem instanceof Ended ? `the program broke off: ${message}` : message;
}
