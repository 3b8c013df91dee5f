// All of a section, fitted, with a frame around what the split view shows.

import type { Picture } from '../../protocol.js';
import type { Contrast } from './contrast.js';
import { figure } from './figures.js';
import { Sheet, edge, frame } from './sheet.js';
import { place, steerByDragging, steerByKeys, steerByWheel } from './steering.js';
import { Tile, shade } from './tile.js';
import type { View } from './view.js';

// Side of the smallest frame, in CSS pixels.
const LEAST_FRAME = 9;
// Shorter side of the picture, in CSS pixels: a line of pixels is drawn wider than it is, so that it is seen.
const LEAST_SIDE = 8;

/** What the overview needs of the panel. */
export interface Surroundings {
  view: View;
  contrast: Contrast;
  /** Goes to another section. */
  turn(by: 1 | -1): void;
  /** A pixel at full size, where it is known. */
  pixel(x: number, y: number): number | null;
}

export class Overview {
  readonly #surroundings: Surroundings;
  readonly #sheet: Sheet;
  readonly #caption: HTMLElement;
  readonly #readout: HTMLOutputElement;
  #picture: Picture | null = null;
  #tile: Tile | null = null;
  #title = '';
  #greys = { black: 0, white: 1 };

  constructor(figureElement: HTMLElement, surroundings: Surroundings) {
    this.#surroundings = surroundings;
    const part = <E extends HTMLElement>(selector: string): E => figureElement.querySelector<E>(selector)!;
    const canvas = part<HTMLCanvasElement>('canvas');
    this.#caption = part('figcaption');
    this.#readout = part('output');
    this.#sheet = new Sheet(canvas, (context) => this.#draw(context));
    const { view, turn } = surroundings;
    view.watch(() => {
      this.#describe();
      this.#sheet.redraw();
    });
    steerByKeys(canvas, view, turn);
    steerByWheel(canvas, view, () => ({}));
    steerByDragging(canvas, (event) => {
      const { left, top } = place(event, canvas);
      const at = this.#pixel(left, top);
      if (at) view.centre(at.x + 0.5, at.y + 0.5);
    });
    canvas.addEventListener('pointermove', (event) => {
      const { left, top } = place(event, canvas);
      this.#tell(this.#pixel(left, top));
    });
    canvas.addEventListener('pointerleave', () => this.#tell(null));
  }

  /** The picture as a tile, that lies below the split view. */
  get tile(): Tile | null {
    return this.#tile;
  }

  /** Shows a section, or nothing; `title` says what it is. */
  show(picture: Picture | null, title = ''): void {
    this.#picture = picture;
    this.#title = title;
    this.#tile = picture && new Tile(picture.values, picture.columns, picture.rows, { reduction: picture.reduction, across: picture.nx, up: picture.ny });
    // What is averaged spreads less than single pixels do.
    if (this.#tile) this.#greys = this.#tile.robust();
    this.#tell(null);
    this.#describe();
    this.#sheet.redraw();
  }

  /** Draws anew. */
  redraw(): void {
    this.#sheet.redraw();
  }

  /** Screen pixels for a pixel of the section along and up, and where its corner is. */
  #fit(): { along: number; up: number; left: number; low: number } {
    const { width, height } = this.#sheet;
    const { nx, ny } = this.#picture ?? { nx: 1, ny: 1 };
    const scale = Math.min(width / nx, height / ny);
    const [along, up] = [Math.max(scale, LEAST_SIDE / nx), Math.max(scale, LEAST_SIDE / ny)];
    return { along, up, left: (width - nx * along) / 2, low: (height + ny * up) / 2 };
  }

  #pixel(left: number, top: number): { x: number; y: number } | null {
    if (!this.#picture) return null;
    const fit = this.#fit();
    const [x, y] = [Math.floor((left - fit.left) / fit.along), Math.floor((fit.low - top) / fit.up)];
    const { nx, ny } = this.#picture;
    return x >= 0 && y >= 0 && x < nx && y < ny ? { x, y } : null;
  }

  #tell(at: { x: number; y: number } | null): void {
    if (!at || !this.#picture) return void (this.#readout.value = '');
    const { reduction } = this.#picture;
    const pixel = this.#surroundings.pixel(at.x, at.y);
    const near = shade(this.#greys);
    const mean = this.#tile?.at(at.x, at.y) ?? NaN;
    const value = pixel !== null ? figure(pixel, near) : figure(mean, near) + (reduction > 1 ? `, mean of ${this.#tile?.around(at.x, at.y)}` : '');
    this.#readout.value = `x ${at.x}, y ${at.y}: ${value}`;
  }

  #describe(): void {
    const { canvas } = this.#sheet;
    if (!this.#picture) {
      canvas.setAttribute('aria-label', 'No picture yet');
      this.#caption.textContent = '';
      return;
    }
    const { nx, ny, reduction } = this.#picture;
    const { x, y, nx: across, ny: up } = this.#surroundings.view.seen;
    const whole = across === nx && up === ny;
    const part = whole ? 'all of it in view' : `frame of ${across} x ${up} at ${x}, ${y}`;
    const size = reduction > 1 ? `, ${reduction} x ${reduction} pixels averaged` : '';
    canvas.setAttribute('aria-label', `${this.#title}, ${nx} x ${ny}${size}; ${part}`);
    this.#caption.textContent = `${nx} x ${ny}${size}; ${part}`;
    Object.assign(canvas.dataset, { frame: `${x},${y},${across},${up}` });
  }

  #draw(context: CanvasRenderingContext2D): void {
    const [tile, picture] = [this.#tile, this.#picture];
    if (!tile || !picture) return;
    const { along, up, left, low } = this.#fit();
    const { nx, ny } = picture;
    edge(context, [left, low - ny * up, nx * along, ny * up]);
    context.save();
    context.beginPath();
    context.rect(left, low - ny * up, nx * along, ny * up);
    context.clip();
    // The last column and the topmost row may stand for fewer pixels than the others.
    const greys = this.#surroundings.contrast.of(this.#greys);
    tile.draw(context, greys, [left, low - tile.ny * up, tile.nx * along, tile.ny * up], this.#sheet.ratio);
    context.restore();
    const seen = this.#surroundings.view.seen;
    if (seen.nx === nx && seen.ny === ny) return;
    // A frame around single pixels is drawn larger, so that it is seen.
    const [wide, high] = [Math.max(LEAST_FRAME, seen.nx * along), Math.max(LEAST_FRAME, seen.ny * up)];
    frame(context, [left + (seen.x + seen.nx / 2) * along - wide / 2, low - (seen.y + seen.ny / 2) * up - high / 2, wide, high]);
  }
}
