// Which image of a stack, and which section of a volume, is looked at.

/** Counted from 0; `section` is null for the middle one. */
export interface Where {
  image: number;
  section: number | null;
}

export class Sections {
  readonly #images: HTMLInputElement;
  readonly #sections: HTMLInputElement;

  /** `changed` is called when the user goes elsewhere. */
  constructor(element: HTMLElement, changed: (where: Where) => void) {
    this.#images = element.querySelector('[name=image]')!;
    this.#sections = element.querySelector('[name=section]')!;
    for (const slider of [this.#images, this.#sections]) slider.addEventListener('input', () => tell(slider));
    this.#images.addEventListener('input', () => changed({ image: this.#images.valueAsNumber - 1, section: null }));
    this.#sections.addEventListener('input', () => {
      changed({ image: this.#images.valueAsNumber - 1, section: this.#sections.valueAsNumber - 1 });
    });
  }

  /** Shows where it is, of how many; what there is only one of has no slider. */
  show({ image, images, section, sections }: { image: number; images: number; section: number; sections: number }): void {
    set(this.#images, image, images);
    set(this.#sections, section, sections);
  }

  /** Goes to a neighbour: of a volume's sections, else of the images. */
  turn(by: 1 | -1): void {
    const slider = Number(this.#sections.max) > 1 ? this.#sections : this.#images;
    const before = slider.value;
    slider.value = String(slider.valueAsNumber + by);
    if (slider.value !== before) slider.dispatchEvent(new Event('input', { bubbles: true }));
  }

  /** In words: image 3 of 17, section 33 of 64. */
  get words(): string {
    const part = (slider: HTMLInputElement, what: string): string =>
      Number(slider.max) > 1 ? `, ${what} ${slider.value} of ${slider.max}` : '';
    return part(this.#images, 'image') + part(this.#sections, 'section');
  }
}

function set(slider: HTMLInputElement, index: number, count: number): void {
  const label = slider.closest('label')!;
  label.hidden = count <= 1;
  slider.max = String(Math.max(1, count));
  // Not while it is dragged: the answer may be about a place that it has left.
  if (slider.valueAsNumber !== index + 1) slider.value = String(index + 1);
  tell(slider);
}

/** Says where a slider is, which the picture may not be yet. */
function tell(slider: HTMLInputElement): void {
  const words = `${slider.value} of ${slider.max}`;
  slider.setAttribute('aria-valuetext', words);
  slider.closest('label')!.querySelector('output')!.value = words;
}
