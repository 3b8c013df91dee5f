// A worker that stands by for small questions, which never wait for a compression.

import { Ended, Engine } from './engine.js';

// What nobody waits for any more may take so much longer, in milliseconds: most answers are about to come, and a worker
// that is ended takes as long to be replaced.
const GRACE = 200;

const NOT_ASKED = 'it is not asked for any more';

export class Standby {
  readonly #threads: number;
  #engine: Promise<Engine> | null = null;
  /** Ended for a question that nobody asks any more: it was no other question's fault. */
  readonly #freed = new WeakSet<Engine>();

  /**
   * `reads` tells that it reads whole files, which fills memory where no second worker reads for it: it gets one, if
   * workers can share memory here.
   */
  constructor({ reads = false, threads = 0 } = {}) {
    this.#threads = reads ? Math.min(1, threads) : 0;
  }

  /** Asks; once more if the worker breaks off, as the reason may be another's question. */
  async ask<T>(question: (engine: Engine) => Promise<T>, gone: AbortSignal | null = null): Promise<T> {
    try {
      return await this.askOnce(question, gone);
    } catch (problem) {
      if (!(problem instanceof Ended) || gone?.aborted) throw problem;
      return this.askOnce(question, gone);
    }
  }

  /**
   * Asks what may be itself the reason that the worker breaks off. `gone` tells that nobody waits for the answer any more:
   * the worker cannot hear while it computes, so it is ended, and what others asked of it is asked of the next one.
   */
  async askOnce<T>(question: (engine: Engine) => Promise<T>, gone: AbortSignal | null = null): Promise<T> {
    for (;;) {
      const engine = await this.#usable();
      if (gone?.aborted) throw new Ended(NOT_ASKED);
      try {
        return await this.#hear(engine, question(engine), gone);
      } catch (problem) {
        const isFreed = problem instanceof Ended && this.#freed.has(engine);
        if (!isFreed || gone?.aborted) throw problem;
      }
    }
  }

  /** Waits for an answer as long as somebody wants it. */
  async #hear<T>(engine: Engine, answer: Promise<T>, gone: AbortSignal | null): Promise<T> {
    if (!gone) return answer;
    let timer = 0;
    const end = (): void => {
      timer = window.setTimeout(() => {
        this.#freed.add(engine);
        engine.end(NOT_ASKED);
      }, GRACE);
    };
    gone.addEventListener('abort', end, { once: true });
    return answer.finally(() => {
      clearTimeout(timer);
      gone.removeEventListener('abort', end);
    });
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
