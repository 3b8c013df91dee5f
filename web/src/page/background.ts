// What is nice to know and can wait: small pictures of the files in sight, and how large outputs would be. One thing at
// a time, in a worker of its own, and nothing while headers are to be read.

import { messageOf } from '../problem.js';
import type { Queue } from './queue.js';
import type { Standby } from './standby.js';

/** Something to do, found out only when it is its turn, so that what nobody waits for any more is never done. */
export type Task = (standby: Standby) => Promise<void>;

/** Names the next thing to do, or nothing. */
export type Source = () => Task | null;

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
      await task(this.#standby).catch((problem) => console.debug(messageOf(problem)));
    }
    this.#busy = false;
  }

  #next(): Task | null {
    if (this.#queue.tally.of('inspecting') > 0) return null;
    for (const source of this.#sources) {
      const task = source();
      if (task) return task;
    }
    return null;
  }
}
