// A worker that stands by for small questions, which never wait for a compression.

import { Ended, Engine } from './engine.js';

export class Standby {
  #engine: Promise<Engine> | null = null;

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
    const started = (this.#engine ??= Engine.start(0));
    const engine = await started.catch(() => null);
    if (engine?.usable) return engine;
    // It could not be started, or has broken: one more try.
    if (this.#engine === started) this.#engine = Engine.start(0);
    return this.#engine;
  }
}
