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

  /** Calls back whenever the state changes. */
  watch(watcher: (job: Job) => void): void {
    this.#watchers.push(watcher);
  }
}
