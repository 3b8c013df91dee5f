// A worker that stands by for small questions, which never wait for a compression.

import { Ended, Engine } from './engine.js';

export class Standby {
  readonly #threads: number;
  #engine: Promise<Engine> | null = null;

  /**
   * `reads` tells that it reads whole files, which fills memory where no second worker reads for it: it gets one, if
   * workers can share memory here.
   */
  constructor({ reads = false, threads = 0 } = {}) {
    this.#threads = reads ? Math.min(1, threads) : 0;
  }

  /** Asks; once more if the worker breaks off, as the reason may be another's question. */
  async ask<T>(question: (engine: Engine) => Promise<T>): Promise<T> {
    try {
      return await this.askOnce(question);
    } catch (problem) {
      if (!(problem instanceof Ended)) throw problem;
      return this.askOnce(question);
    }
  }

  /** Asks what may be itself the reason that the worker breaks off. */
  async askOnce<T>(question: (engine: Engine) => Promise<T>): Promise<T> {
    return question(await this.#usable());
  }

  async #usable(): Promise<Engine> {
    const started = (this.#engine ??= Engine.start(this.#threads));
    const engine = await started.catch(() => null);
    if (engine?.usable) return engine;
    // One that was ended or has broken is replaced by its like; one that could not be started, by the build without threads.
    if (this.#engine === started) this.#engine = Engine.start(engine ? this.#threads : 0);
    return this.#engine;
  }
}
