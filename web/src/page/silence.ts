// Notices that a worker has stopped: it owes an answer, and neither says how far it is nor fails.

// A file is read, computed and written in parts that take a moment each; a network drive may be away for a minute or two.
const LONGEST = 180_000;

// Looked at so often, all in milliseconds.
const LOOK_EVERY = 5000;

// Timers of a machine that slept, or of a tab out of sight, come late: what was missed counts for so much at most.
const MOST_AT_ONCE = 60_000;

export class Silence {
  readonly #owes: () => boolean;
  readonly #stopped: () => void;
  readonly #timer: number;
  #silent = 0;
  #looked = performance.now();

  /** `owes` tells whether an answer is awaited; `stopped` is called once, when none came for too long. */
  constructor(owes: () => boolean, stopped: () => void) {
    this.#owes = owes;
    this.#stopped = stopped;
    this.#timer = window.setInterval(() => this.#look(), LOOK_EVERY);
  }

  /** Something was heard. */
  heard(): void {
    this.#silent = 0;
  }

  /** Listens no more. */
  end(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    this.#silent = this.#owes() ? this.#silent + Math.min(now - this.#looked, MOST_AT_ONCE) : 0;
    this.#looked = now;
    if (this.#silent < LONGEST) return;
    this.end();
    this.#stopped();
  }
}
