// What the page tells beside its rows.

import { messageOf } from '../problem.js';
import { several } from './fmt.js';

export class Notices {
  readonly #problem: HTMLElement;
  readonly #said: HTMLElement;

  /** `problem` is in sight, `said` is for those who hear the page. */
  constructor(problem: HTMLElement, said: HTMLElement) {
    this.#problem = problem;
    this.#said = said;
  }

  /** Shows what went wrong, in the place of what did before. */
  complain(...problems: unknown[]): void {
    this.#problem.textContent = several(problems.map(messageOf)).join('. ');
  }

  /** Takes away what went wrong before. */
  clear(): void {
    this.#problem.textContent = '';
  }

  /** Speaks to those who hear the page. */
  say(text: string): void {
    this.#said.textContent = text;
  }
}
