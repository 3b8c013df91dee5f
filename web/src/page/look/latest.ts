// Questions of one kind, of which only the newest counts.

/** A question, and what is done with its answer. */
export interface Wish<T> {
  /** What is asked about: an answer is taken as long as the newest question has the same subject. */
  subject: string;
  /** `gone` tells that nobody waits for the answer any more. */
  ask(gone: AbortSignal): Promise<T>;
  take(answer: T): void;
  fail(problem: unknown): void;
}

/** One question at a time; of those that come meanwhile the last one is asked next, the others never. */
export class Latest<T> {
  #current: Wish<T> | null = null;
  #asked = new AbortController();
  #next: Wish<T> | null = null;
  #subject: string | null = null;

  /** Asks now, or as soon as the question before is answered. */
  wish(wish: Wish<T>): void {
    this.#turnTo(wish.subject);
    this.#next = wish;
    if (!this.#current) void this.#work();
  }

  /** Takes no answer any more. */
  drop(): void {
    this.#turnTo(null);
    this.#next = null;
  }

  #turnTo(subject: string | null): void {
    this.#subject = subject;
    if (this.#current && this.#current.subject !== subject) this.#asked.abort();
  }

  async #work(): Promise<void> {
    while ((this.#current = this.#next)) {
      const wish = this.#current;
      this.#next = null;
      this.#asked = new AbortController();
      try {
        const answer = await wish.ask(this.#asked.signal);
        if (wish.subject === this.#subject) wish.take(answer);
      } catch (problem) {
        if (wish.subject === this.#subject) wish.fail(problem);
      }
    }
  }
}
