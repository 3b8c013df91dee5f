// A canvas that is as sharp as the screen, whatever its size.

import { oncePerFrame } from '../frame.js';

/** Draws on a canvas in CSS pixels. */
export type Paint = (context: CanvasRenderingContext2D, width: number, height: number) => void;

export class Sheet {
  readonly canvas: HTMLCanvasElement;
  readonly #paint: Paint;
  readonly #resized: ((sheet: Sheet) => void) | undefined;
  /** Draws anew before the next picture of the screen. */
  readonly redraw = oncePerFrame(() => this.#draw());
  /** Extent in dots of the screen. */
  #dots = { columns: 0, rows: 0 };

  /** `resized` is told when the extent has changed. */
  constructor(canvas: HTMLCanvasElement, paint: Paint, resized?: (sheet: Sheet) => void) {
    this.canvas = canvas;
    this.#paint = paint;
    this.#resized = resized;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) this.#measure(entry);
    });
    try {
      observer.observe(canvas, { box: 'device-pixel-content-box' });
    } catch {
      observer.observe(canvas); // Safari does not know how many dots there are
    }
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', this.redraw);
  }

  /** Dots in a CSS pixel. */
  get ratio(): number {
    return window.devicePixelRatio || 1;
  }

  /** Extent in CSS pixels. */
  get width(): number {
    return this.#dots.columns / this.ratio;
  }

  get height(): number {
    return this.#dots.rows / this.ratio;
  }

  #measure(entry: ResizeObserverEntry): void {
    const [size] = entry.devicePixelContentBoxSize ?? [];
    const { width, height } = entry.contentRect;
    const columns = size?.inlineSize ?? Math.round(width * this.ratio);
    const rows = size?.blockSize ?? Math.round(height * this.ratio);
    this.#dots = { columns, rows };
    if (columns > 0 && rows > 0) this.#resized?.(this);
    this.redraw();
  }

  #draw(): void {
    const { canvas, width, height, ratio } = this;
    const { columns, rows } = this.#dots;
    if (columns === 0 || rows === 0) return; // not on the page
    if (canvas.width !== columns) canvas.width = columns;
    if (canvas.height !== rows) canvas.height = rows;
    const context = canvas.getContext('2d')!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    this.#paint(context, width, height);
  }
}

/** A colour of the style sheet as it is now, in light or dark. */
export function colour(element: HTMLElement, name: string): string {
  // A custom property itself is only text: what it comes to is told by a property that takes a colour.
  element.style.setProperty('color', `var(${name})`);
  const found = getComputedStyle(element).color;
  element.style.removeProperty('color');
  return found;
}

/** Draws a frame: dark around bright is seen on any grey. */
export function frame(context: CanvasRenderingContext2D, place: readonly [number, number, number, number]): void {
  context.lineWidth = 4;
  context.strokeStyle = colour(context.canvas, '--look-frame-edge');
  context.strokeRect(...place);
  context.lineWidth = 2;
  context.strokeStyle = colour(context.canvas, '--look-frame');
  context.strokeRect(...place);
}

/** Draws a line around a picture, outside of it: one as bright as the page is seen to be there. */
export function edge(context: CanvasRenderingContext2D, [left, top, width, height]: readonly [number, number, number, number]): void {
  context.lineWidth = 1;
  context.strokeStyle = colour(context.canvas, '--quiet');
  context.strokeRect(left - 0.5, top - 0.5, width + 1, height + 1);
}
