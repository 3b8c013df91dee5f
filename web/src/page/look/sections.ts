// Which image of a stack, and which section of a volume, is looked at.

/** Counted from 0; `section` is null for the middle one. */
export interface Where {
  image: number;
  section: number | null;
}

/** A place, of how many. */
interface Place {
  image: number;
  images: number;
  section: number;
  sections: number;
}

/** Which image it is, where there are several. */
export function wordsOfImage({ image, images }: Place): string {
  return images > 1 ? `image ${image + 1} of ${images}` : '';
}

/** Which image and section it is, where there are several. */
export function wordsOfSection(place: Place): string {
  const { section, sections } = place;
  const words = sections > 1 ? `section ${section + 1} of ${sections}` : '';
  return [wordsOfImage(place), words].filter(Boolean).join(', ') || 'the image';
}

/** The part of a file up to the end of a section: images and sections follow each other. */
export function partUpTo({ image, section }: Where, { images, nz } = { images: 1, nz: 1 }): number {
  return (image + ((section ?? nz >> 1) + 1) / nz) / images;
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
  show({ image, images, section, sections }: Place): void {
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
