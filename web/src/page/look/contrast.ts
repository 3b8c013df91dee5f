// The ends of the grey scale, as parts of the one that fits each picture.

import { oncePerFrame } from '../frame.js';
import type { Greys } from './tile.js';

export class Contrast {
  readonly #black: HTMLInputElement;
  readonly #white: HTMLInputElement;

  /** `changed` is called when greys are to be drawn anew. */
  constructor(element: HTMLElement, changed: () => void) {
    this.#black = element.querySelector('[name=black]')!;
    this.#white = element.querySelector('[name=white]')!;
    const tell = oncePerFrame(changed);
    element.addEventListener('input', () => {
      this.#describe();
      tell();
    });
    element.querySelector('button')!.addEventListener('click', () => {
      this.reset();
      tell();
    });
    this.#describe();
  }

  /** Goes back to the ends that fit. */
  reset(): void {
    this.#black.value = '0';
    this.#white.value = '100';
    this.#describe();
  }

  /** The ends as they are set, of those that fit a picture. */
  of({ black, white }: Greys): Greys {
    const at = (slider: HTMLInputElement): number => black + ((white - black) * slider.valueAsNumber) / 100;
    return { black: at(this.#black), white: at(this.#white) };
  }

  #describe(): void {
    for (const slider of [this.#black, this.#white]) {
      slider.setAttribute('aria-valuetext', `${slider.value} % of the scale that fits`);
    }
  }
}
