// One file's way through the page.

import type { Choice, Compressed, Inspected, Place } from './protocol.js';

export type State =
  /** Its header is being read. */
  | { is: 'inspected' }
  | { is: 'waiting' }
  | { is: 'running'; since: number; done: number; total: number }
  | { is: 'finished'; compressed: Compressed; choice: Choice; output: File }
  /** Saved into a folder; the page keeps nothing of it. */
  | { is: 'moved'; compressed: Compressed; choice: Choice; folder: string }
  | { is: 'failed'; problem: string }
  | { is: 'cancelled' };

// The browser copies an output that is saved without saying when it is through. It is given this
// time, in milliseconds, and at least this speed, in bytes a millisecond.
const SAVING_TIME = 60_000;
const SAVING_SPEED = 20_000;

export class Job {
  readonly file: File;
  /** Path of the output in a folder or an archive. */
  readonly path: string;
  /** Known once the header has been read. */
  inspected: Inspected | null = null;
  /** Where the output is, from the start of its compression on. */
  place: Place | null = null;
  /** The user has a copy of the output. */
  saved = false;
  /** Until then the browser may be reading the output, on the clock of performance.now(). */
  readUntil = 0;
  #state: State = { is: 'inspected' };
  readonly #watchers: ((job: Job) => void)[] = [];

  constructor(file: File, path: string) {
    this.file = file;
    this.path = path;
  }

  get state(): State {
    return this.#state;
  }

  set state(state: State) {
    this.#state = state;
    for (const watcher of this.#watchers) watcher(this);
  }

  /** The output's name without folders. */
  get outputName(): string {
    return this.path.slice(this.path.lastIndexOf('/') + 1);
  }

  /** The output is being saved, alone or with others: so many bytes in all. */
  handOver(bytes: number): void {
    this.saved = true;
    this.readUntil = performance.now() + SAVING_TIME + bytes / SAVING_SPEED;
  }

  /** Calls back whenever the state changes. */
  watch(watcher: (job: Job) => void): void {
    this.#watchers.push(watcher);
  }
}
