// What is nice to know and can wait: small pictures of the files in sight, and how large outputs would be. One thing at
// a time, in a worker of its own, and nothing while headers are to be read.

import { messageOf } from '../problem.js';
import type { Job } from './job.js';
import type { Queue } from './queue.js';
import type { Standby } from './standby.js';

// What takes longer, in milliseconds, gives way to what is not known of other files, and begins anew when all of that is.
const TURN = 500;

/** Something to do about a file, found out only when it is its turn, so that what nobody waits for any more is never done. */
export interface Task {
  job: Job;
  /** Does it. `gone` tells that nobody waits for it any more, or that others come first. */
  run(standby: Standby, gone: AbortSignal): Promise<void>;
  /** Whether there is no time for it now, though it was begun. */
  isUntimely(): boolean;
  /** Takes it that this gave way: it is named again, as one that is `late`. */
  gaveWay(): void;
}

/** Names the next thing to do, or nothing; only with `late` one that gave way before. */
export type Source = (late: boolean) => Task | null;

export class Background {
  readonly #standby: Standby;
  readonly #queue: Queue;
  /** The first that has something goes first. */
  readonly #sources: Source[] = [];
  #busy = false;

  constructor(standby: Standby, queue: Queue) {
    this.#standby = standby;
    this.#queue = queue;
  }

  add(source: Source): void {
    this.#sources.push(source);
  }

  /** Goes on, if there is something to do. */
  wake(): void {
    if (!this.#busy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let task = this.#next(); task; task = this.#next()) {
      // Nobody asked for it, so nobody is told; whoever selects the file hears what is wrong with it.
      await this.#take(task).catch((problem) => console.debug(messageOf(problem)));
    }
    this.#busy = false;
  }

  /** Does one thing, as long as nothing else has waited for it too long. */
  async #take(task: Task): Promise<void> {
    const others = new AbortController();
    const { gone } = task.job;
    const turns = setInterval(() => {
      if (task.isUntimely() || this.#among(false)) others.abort();
    }, TURN);
    try {
      await task.run(this.#standby, AbortSignal.any([others.signal, gone]));
    } catch (problem) {
      if (!others.signal.aborted || gone.aborted) throw problem;
      task.gaveWay();
    } finally {
      clearInterval(turns);
    }
  }

  #next(): Task | null {
    return this.#among(false) ?? this.#among(true);
  }

  #among(late: boolean): Task | null {
    if (this.#queue.tally.of('inspecting') > 0) return null;
    for (const source of this.#sources) {
      const task = source(late);
      if (task) return task;
    }
    return null;
  }
}
