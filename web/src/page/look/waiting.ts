// A section that takes long to come: how far it is, and the end of it when another one is asked for.

import type { Engine } from '../engine.js';

// What comes within this time, in milliseconds, needs no word.
const BLINK = 300;
// So long may the section that nobody waits for any more keep the next one waiting, in milliseconds. What was decoded of a
// compressed file by then is lost with it, so not at once: going on from there may be the fastest way to the next.
const PATIENCE = 1000;

/** A section that is being read. */
export interface Reading {
  /** Tells sections apart. */
  readonly subject: string;
  /** The worker that reads it. */
  began(engine: Engine): void;
  /** So many bytes of the file are read, of so many. */
  progress(done: number, total: number): void;
  /** It is there, or is not to come. */
  over(): void;
  /** Another one is asked for. */
  unwanted(): void;
}

export class Waiting {
  readonly #element: HTMLElement;
  readonly #words: HTMLElement;
  readonly #bar: HTMLProgressElement;
  readonly #ended: () => void;
  #newest: Reading | null = null;

  /** `ended` is told when a worker was ended, with all that it was asked. */
  constructor(element: HTMLElement, ended: () => void) {
    this.#element = element;
    this.#words = element.querySelector('span')!;
    this.#bar = element.querySelector('progress')!;
    this.#ended = ended;
  }

  /** Another section, which `words` name, will be there when this part of the file has been read. */
  read(subject: string, words: string, part: number): Reading {
    let engine: Engine | null = null;
    let over = false;
    const isNewest = (): boolean => this.#newest === reading && !over;
    const reading: Reading = {
      subject,
      began: (found) => (engine = found),
      progress: (done, total) => {
        if (isNewest() && total > 0) this.#bar.value = Math.min(1, done / (part * total));
      },
      over: () => {
        if (isNewest()) this.drop();
        over = true;
      },
      unwanted: () => {
        setTimeout(() => {
          // It may be wanted again meanwhile.
          if (over || !engine || this.#newest?.subject === subject) return;
          this.#ended();
          engine.end('another section was asked for');
        }, PATIENCE);
      },
    };
    this.#newest = reading;
    this.#bar.removeAttribute('value');
    setTimeout(() => {
      if (!isNewest()) return;
      this.#words.textContent = words;
      this.#element.hidden = false;
    }, BLINK);
    return reading;
  }

  /** Waits for nothing any more. */
  drop(): void {
    this.#newest = null;
    this.#element.hidden = true;
  }
}
