// The part of a section that is in view: its centre and its size on the screen.

import { Watchers } from '../watchers.js';

/** Dots of the screen along a side of a pixel, or on a screen of fine dots so many times two or three of these. */
const SCALES = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 48, 64];
/** Pixels along a side of what a dot shows of a section that is larger than the view. */
const REDUCTIONS = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];

// Shorter side of a section as it is first shown, in CSS pixels: of a line of pixels both sides of the line between original
// and stored are seen.
const LEAST_SIDE = 32;

/** Lower left corner and extent of a part of a section, in pixels. */
export interface Frame {
  x: number;
  y: number;
  nx: number;
  ny: number;
}

const between = (low: number, value: number, high: number): number => Math.min(high, Math.max(low, value));

export class View {
  readonly #watchers = new Watchers<[]>();
  #nx = 0;
  #ny = 0;
  #x = 0;
  #y = 0;
  #width = 0;
  #height = 0;
  #scale = 1;
  /** Dots of the screen in a CSS pixel. */
  #ratio = 1;

  /** Calls back whenever another part is in view. */
  watch(watcher: () => void): void {
    this.#watchers.add(watcher);
  }

  /** Shows a section of this extent: the middle of one that is new, the same part of one like the last. */
  show(nx: number, ny: number): void {
    const same = nx === this.#nx && ny === this.#ny;
    [this.#nx, this.#ny] = [nx, ny];
    if (same) return;
    [this.#x, this.#y] = [nx / 2, ny / 2];
    this.#scale = this.#first;
    this.#settle();
  }

  /** Forgets the section. */
  clear(): void {
    [this.#nx, this.#ny] = [0, 0];
  }

  /** The view has this extent on the screen, in CSS pixels, with so many dots in each. */
  resize(width: number, height: number, ratio: number): void {
    if (width === this.#width && height === this.#height && ratio === this.#ratio) return;
    const [all, first] = [this.#scale === this.#fitting, this.#scale === this.#first];
    [this.#width, this.#height, this.#ratio] = [width, height, ratio];
    if (all) this.#scale = this.#fitting;
    else if (first) this.#scale = this.#first;
    else this.#scale = this.#scales.find((scale) => scale >= this.#scale) ?? this.#scales.at(-1)!;
    this.#settle();
  }

  /** CSS pixels along a side of a pixel when it is at full size: a whole number of dots. */
  get #full(): number {
    return Math.ceil(this.#ratio) / this.#ratio;
  }

  /**
   * CSS pixels along a side of a pixel, from all of the section in view on. But for that one, each is a whole number of dots, or
   * the inverse of one: uneven pixels would look like a pattern.
   */
  get #scales(): number[] {
    const least = this.#fitting;
    const even = [...REDUCTIONS.map((reduction) => 1 / reduction).reverse(), ...SCALES];
    return [least, ...even.map((scale) => scale * this.#full).filter((scale) => scale > least)];
  }

  /** The size that comes first: all of a small section, a part of a large one at full size, of a narrow one larger. */
  get #first(): number {
    const least = Math.max(this.#fitting, this.#full);
    const side = Math.min(this.#nx, this.#ny);
    if (side * least >= LEAST_SIDE) return least;
    const scales = this.#scales;
    return scales.find((scale) => scale >= least && side * scale >= LEAST_SIDE) ?? scales.at(-1)!;
  }

  get scale(): number {
    return this.#scale;
  }

  /** What is in view; the corner is outside of a section that is smaller than the view. */
  get frame(): Frame {
    const [nx, ny] = [this.#width / this.#scale, this.#height / this.#scale];
    return { x: this.#x - nx / 2, y: this.#y - ny / 2, nx, ny };
  }

  /** The part of the section that is in view, in whole pixels. */
  get seen(): Frame {
    const { x, y, nx, ny } = this.frame;
    const [left, low] = [between(0, Math.floor(x), this.#nx), between(0, Math.floor(y), this.#ny)];
    return { x: left, y: low, nx: Math.min(this.#nx, Math.ceil(x + nx)) - left, ny: Math.min(this.#ny, Math.ceil(y + ny)) - low };
  }

  /** The pixel at a place of the screen. */
  pixel(left: number, top: number): { x: number; y: number } {
    const { x, y, ny } = this.frame;
    return { x: Math.floor(x + left / this.#scale), y: Math.floor(y + ny - top / this.#scale) };
  }

  /** Moves what is in view by so many pixels of the screen, as if it was dragged. */
  pan(right: number, down: number): void {
    this.centre(this.#x - right / this.#scale, this.#y + down / this.#scale);
  }

  /** Moves to a neighbouring size; the pixel at this place of the screen stays, or the middle. */
  zoom(by: 1 | -1, left = this.#width / 2, top = this.#height / 2): void {
    const scales = this.#scales;
    const scale = scales[between(0, scales.indexOf(this.#scale) + by, scales.length - 1)]!;
    const [right, up] = [left - this.#width / 2, this.#height / 2 - top];
    const change = 1 / this.#scale - 1 / scale;
    this.#scale = scale;
    this.centre(this.#x + right * change, this.#y + up * change);
  }

  /** Shows all of the section. */
  fit(): void {
    this.#scale = this.#fitting;
    this.#settle();
  }

  /** Has this place in the middle, as far as the section goes. */
  centre(x: number, y: number): void {
    [this.#x, this.#y] = [x, y];
    this.#settle();
  }

  /** The size at which all of the section is in view and no more, as far as pixels grow. */
  get #fitting(): number {
    const largest = SCALES.at(-1)! * this.#full;
    if (this.#nx === 0 || this.#width === 0) return this.#full;
    return Math.min(this.#width / this.#nx, this.#height / this.#ny, largest);
  }

  #settle(): void {
    const along = (middle: number, extent: number, screen: number): number => {
      const half = screen / this.#scale / 2;
      if (extent <= 2 * half) return extent / 2;
      // Whole dots of the screen, so that pixels stay sharp.
      const dots = this.#scale * this.#ratio;
      const corner = Math.round((middle - half) * dots) / dots;
      return between(0, corner, extent - 2 * half) + half;
    };
    this.#x = along(this.#x, this.#nx, this.#width);
    this.#y = along(this.#y, this.#ny, this.#height);
    if (this.#nx > 0 && this.#width > 0) this.#watchers.tell();
  }
}
