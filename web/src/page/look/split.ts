// A part of a section at full size: left of a line the original, right of it what would be stored.

import type { Crop, Stored } from '../../protocol.js';
import type { Contrast } from './contrast.js';
import { figure, signed } from './figures.js';
import { Sheet, colour, edge, frame } from './sheet.js';
import { place, steerByDragging, steerByKeys, steerByWheel } from './steering.js';
import { Tile, shade, type Greys } from './tile.js';
import type { View } from './view.js';

/** What is shown, in the order of the keys 1 to 5. */
const MODES = ['split', 'original', 'stored', 'difference', 'magnified'] as const;
type Mode = (typeof MODES)[number];

// A key moves the line by this part, in %; with PageUp and PageDown by more.
const KEY_STEPS: Record<string, number> = {
  ArrowLeft: -2,
  ArrowRight: 2,
  ArrowDown: -2,
  ArrowUp: 2,
  PageDown: -20,
  PageUp: 20,
  Home: -100,
  End: 100,
};

/** What the split view needs of the panel. */
export interface Surroundings {
  view: View;
  contrast: Contrast;
  /** Goes to another section. */
  turn(by: 1 | -1): void;
  /** All of the section, reduced. */
  below(): Tile | null;
}

export class Split {
  readonly #surroundings: Surroundings;
  readonly #sheet: Sheet;
  readonly #line: HTMLElement;
  readonly #caption: HTMLElement;
  readonly #readout: HTMLOutputElement;
  readonly #modes: HTMLInputElement[];
  #at = 50;
  #bits: number | null = null;
  #isKept = false;
  #isAlone = false;
  #original: Tile | null = null;
  #stored: Tile | null = null;
  #difference: Tile | null = null;
  #figures: Stored | null = null;
  #greys: Greys = { black: 0, white: 1 };

  constructor(figureElement: HTMLElement, surroundings: Surroundings) {
    this.#surroundings = surroundings;
    const part = <E extends HTMLElement>(selector: string): E => figureElement.querySelector<E>(selector)!;
    const canvas = part<HTMLCanvasElement>('canvas');
    this.#line = part('[role=slider]');
    this.#caption = part('figcaption');
    this.#readout = part('output');
    this.#modes = [...figureElement.querySelectorAll<HTMLInputElement>('[name=shown]')];
    const { view, turn } = surroundings;
    const draw = (context: CanvasRenderingContext2D, width: number, height: number): void => this.#draw(context, width, height);
    this.#sheet = new Sheet(canvas, draw, ({ width, height, ratio }) => view.resize(width, height, ratio));
    view.watch(() => this.#describe());
    steerByKeys(canvas, view, turn);
    steerByWheel(canvas, view, (event) => place(event, canvas));
    this.#listen(canvas, figureElement);
    this.#describe();
  }

  #listen(canvas: HTMLCanvasElement, figureElement: HTMLElement): void {
    const { view } = this.#surroundings;
    let before = { left: 0, top: 0 };
    steerByDragging(canvas, (event, first) => {
      const now = place(event, canvas);
      if (!first) view.pan(now.left - before.left, now.top - before.top);
      before = now;
    });
    canvas.addEventListener('pointermove', (event) => this.#tell(place(event, canvas)));
    canvas.addEventListener('pointerleave', () => this.#tell(null));
    steerByDragging(this.#line, (event) => {
      this.#line.focus();
      this.#move((100 * place(event, canvas).left) / canvas.clientWidth);
    });
    this.#line.addEventListener('keydown', (event) => {
      const by = KEY_STEPS[event.key];
      if (by === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      this.#move(this.#at + by);
    });
    figureElement.addEventListener('keydown', ({ key, ctrlKey, altKey, metaKey }) => {
      const radio = /^[1-5]$/.test(key) && !ctrlKey && !altKey && !metaKey ? this.#modes[Number(key) - 1] : null;
      if (!radio || radio.disabled) return;
      radio.checked = true;
      this.#describe();
    });
    for (const radio of this.#modes) radio.addEventListener('change', () => this.#describe());
  }

  /** Shows a part of a section, or nothing. */
  show(crop: Crop | null): void {
    this.#original = crop && new Tile(crop.values, crop.nx, crop.ny, crop);
    if (this.#original) this.#greys = this.#original.robust();
    else this.store(null, null, null);
    this.#describe();
  }

  /**
   * Shows beside it what is stored of a crop: nothing yet, the original itself where these are floats (`bits` 0), or codes
   * of so many bits, which may be those of the input that are `kept`.
   */
  store(bits: number | null, crop: Crop | null, stored: Stored | null, kept = false): void {
    this.#bits = bits;
    this.#isKept = kept;
    this.#figures = stored;
    const tile = (values: Float32Array): Tile | null => crop && new Tile(values, crop.nx, crop.ny, crop);
    this.#stored = stored && tile(stored.values);
    this.#difference = stored && tile(stored.difference);
    this.#describe();
  }

  /** Whether nothing is ever shown beside the original: it is not compressed. */
  alone(isAlone: boolean): void {
    this.#isAlone = isAlone;
    this.#describe();
  }

  /** The original pixel, where it is known. */
  pixel(x: number, y: number): number | null {
    return this.#original?.at(x, y) ?? null;
  }

  /** Draws anew. */
  redraw(): void {
    this.#sheet.redraw();
  }

  get #mode(): Mode {
    return (this.#modes.find(({ checked }) => checked)?.value ?? 'split') as Mode;
  }

  #move(to: number): void {
    this.#at = Math.min(100, Math.max(0, Math.round(to)));
    this.#describe();
  }

  /** Ends of the grey scale of the difference: as wide as the picture's, or as its largest value. */
  #differenceGreys(): Greys {
    const { black, white } = this.#surroundings.contrast.of(this.#greys);
    const half = this.#mode === 'magnified' ? this.#figures?.largest || 1 : (white - black) / 2;
    return { black: -half, white: half };
  }

  #tell(at: { left: number; top: number } | null): void {
    const pixel = at && this.#surroundings.view.pixel(at.left, at.top);
    const value = pixel && this.#original?.at(pixel.x, pixel.y);
    if (!pixel || value === null || value === undefined) return void (this.#readout.value = this.#around(pixel));
    const stored = this.#stored?.at(pixel.x, pixel.y);
    const change = this.#difference?.at(pixel.x, pixel.y);
    const after = stored === undefined || stored === null ? '' : `, stored ${figure(stored, shade(this.#greys))} (${signed(change ?? NaN)})`;
    this.#readout.value = `x ${pixel.x}, y ${pixel.y}: ${figure(value, shade(this.#greys))}${after}`;
  }

  /** What is known of a pixel beside the part at full size, in words. */
  #around(pixel: { x: number; y: number } | null): string {
    const tile = this.#surroundings.below();
    const mean = pixel && tile?.at(pixel.x, pixel.y);
    if (!pixel || !tile || !this.#original || mean === null || mean === undefined) return '';
    return `x ${pixel.x}, y ${pixel.y}: ${figure(mean, shade(this.#greys))}, mean of ${tile.around(pixel.x, pixel.y)}`;
  }

  /** Whether more is in view than the part that is compared. */
  get #isPart(): boolean {
    const { nx, ny } = this.#surroundings.view.seen;
    return this.#original !== null && (nx > this.#original.nx || ny > this.#original.ny);
  }

  /** What the picture shows, in words. */
  #words(): string {
    if (!this.#original) return 'Nothing at full size yet';
    const original = 'the original';
    if (this.#isAlone) return 'The original, at full size';
    if (this.#bits === 0) return 'The original; floats store every pixel as it is';
    if (!this.#figures || this.#bits === null) return 'The original; what is stored of it is not known yet';
    const { largest, rms, clipped } = this.#figures;
    const { x, y, nx, ny } = this.#original;
    const stored = `stored ${this.#isKept ? `as the input's codes of ${this.#bits} bits, which stay` : `with ${this.#bits} bits`}${this.#isPart ? ', within the frame' : ''}`;
    const errors = `largest error ${figure(largest)}, RMS ${Number(rms.toPrecision(3))}, ${clipped === 0 ? 'none' : clipped} clipped in ${nx} x ${ny} pixels at ${x}, ${y}`;
    const { white } = this.#differenceGreys();
    const shown = {
      split: `Left of the line ${original}, right of it ${stored}`,
      original: 'The original',
      stored: `As ${stored}`,
      difference: `Difference when ${stored}, on the grey scale of the picture`,
      magnified: `Difference when ${stored}, magnified: black is ${figure(-white)}, white ${figure(white)}`,
    }[this.#mode];
    return `${shown}; ${errors}`;
  }

  #describe(): void {
    const words = this.#words();
    const ready = this.#figures !== null;
    for (const radio of this.#modes) radio.disabled = !ready && radio.value !== 'split' && radio.value !== 'original';
    this.#caption.textContent = words;
    this.#sheet.canvas.setAttribute('aria-label', words);
    Object.assign(this.#sheet.canvas.dataset, { bits: String(this.#figures?.bits ?? ''), mode: this.#mode });
    this.#line.hidden = !ready || this.#mode !== 'split';
    this.#line.style.left = `${this.#at}%`;
    this.#line.setAttribute('aria-valuenow', String(this.#at));
    this.#line.setAttribute('aria-valuetext', `the original on ${this.#at} % of the picture, stored on ${100 - this.#at} %`);
    this.#sheet.redraw();
  }

  #draw(context: CanvasRenderingContext2D, width: number, height: number): void {
    const { view, contrast, below } = this.#surroundings;
    const { canvas } = this.#sheet;
    const { scale } = view;
    const { x, y, ny } = view.frame;
    Object.assign(canvas.dataset, { x: String(x), y: String(y), scale: String(scale) });
    const mode = this.#mode;
    const placeOf = (tile: Tile) => [(tile.x - x) * scale, (y + ny - tile.y - tile.ny) * scale, tile.nx * scale, tile.ny * scale] as const;
    const draw = (tile: Tile | null, greys: Greys): void => tile?.draw(context, greys, placeOf(tile), this.#sheet.ratio);
    const greys = contrast.of(this.#greys);
    Object.assign(canvas.dataset, { black: String(greys.black), white: String(greys.white) });
    // Until the pixels are there, while the part in view is moved, and around them where more is in view.
    const around = below();
    // The section, which ends before the tile does.
    const whole = around && ([(around.x - x) * scale, (y + ny - around.y - around.up) * scale, around.across * scale, around.up * scale] as const);
    if (this.#original && whole) edge(context, whole);
    if (mode !== 'difference' && mode !== 'magnified' && this.#original && around && whole) {
      context.imageSmoothingEnabled = true;
      context.save();
      context.beginPath();
      context.rect(...whole);
      context.clip();
      context.drawImage(around.picture(greys), ...placeOf(around));
      context.restore();
    }
    const part = this.#original;
    if (part && this.#isPart) frame(context, placeOf(part));
    if (mode === 'difference' || mode === 'magnified') return draw(this.#difference, this.#differenceGreys());
    draw(this.#original, greys);
    if (!this.#stored || mode === 'original') return;
    const middle = mode === 'stored' ? 0 : Math.round((width * this.#at) / 100);
    context.save();
    context.beginPath();
    context.rect(middle, 0, width - middle, height);
    context.clip();
    draw(this.#stored, greys);
    context.restore();
    if (mode !== 'split') return;
    context.fillStyle = colour(canvas, '--look-frame-edge');
    context.fillRect(middle - 2, 0, 4, height);
    context.fillStyle = colour(canvas, '--look-frame');
    context.fillRect(middle - 1, 0, 2, height);
  }
}
