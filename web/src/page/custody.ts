// How long an output stays in the storage that nobody wants there any more, since it is being saved.

// The browser copies an output that is saved without saying when it is through. It is given this
// time, in milliseconds, and at least this speed, in bytes a millisecond.
const SAVING_TIME = 60_000;
const SAVING_SPEED = 20_000;

export class Custody {
  /** Until then the browser may be reading the output, on the clock of performance.now(). */
  #until = 0;
  /** What reads it in the page. */
  readonly #readers = new Set<Promise<unknown>>();

  /** The browser was told to save the output, alone or with others: so many bytes in all. */
  handOver(bytes: number): void {
    this.#until = Math.max(this.#until, performance.now() + SAVING_TIME + bytes / SAVING_SPEED);
  }

  /** Keeps the output until this is through, however it ends. */
  during(reading: Promise<unknown>): void {
    const read = reading.catch(() => undefined).finally(() => this.#readers.delete(read));
    this.#readers.add(read);
  }

  /** Whether nobody reads the output. */
  get isFree(): boolean {
    return this.#readers.size === 0 && performance.now() >= this.#until;
  }

  /** Resolves when nobody reads the output any more. */
  async free(): Promise<void> {
    while (!this.isFree) {
      await Promise.all(this.#readers);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, this.#until - performance.now())));
    }
  }
}
