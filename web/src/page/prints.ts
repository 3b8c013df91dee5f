// Files byte for byte.

import { Ended } from './engine.js';
import type { Standby } from './standby.js';

/** SHA-256 of files, each taken once. */
export class Prints {
  readonly #standby: Standby;
  readonly #known = new WeakMap<File, Promise<string>>();

  constructor(standby: Standby) {
    this.#standby = standby;
  }

  /** Takes that of a file, unless it is known; `gone` tells that nobody waits for it any more. */
  async of(
    file: File,
    progress: (done: number, total: number) => void = () => undefined,
    gone: AbortSignal | null = null,
  ): Promise<string> {
    const known = this.#known.get(file);
    if (known) {
      return known.catch((problem) => {
        // That others do not wait for it any more is nothing to whoever still does.
        if (!(problem instanceof Ended) || gone?.aborted) throw problem;
        return this.of(file, progress, gone);
      });
    }
    const taken = this.#standby.ask((engine) => engine.fingerprint(file, progress), gone);
    this.#known.set(file, taken);
    // What could not be read may be there again.
    taken.catch(() => this.#known.delete(file));
    return taken;
  }
}
