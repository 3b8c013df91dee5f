// Who has what only one can have.

export class Turns {
  #count = 0;
  #last: Promise<void> = Promise.resolve();

  /** Whether somebody has it, or waits for it. */
  get taken(): boolean {
    return this.#count > 0;
  }

  /** Runs one piece of work after the other. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    this.#count++;
    const turn = this.#last.then(work);
    const over = (): void => void this.#count--;
    // The next one comes after it is counted down, whatever became of this one.
    const last = (this.#last = turn.then(over, over));
    return turn.finally(() => last);
  }
}
