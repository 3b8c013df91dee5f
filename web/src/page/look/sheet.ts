// A canvas that is as sharp as the screen, whatever its size.

import { oncePerFrame } from '../frame.js';

/** Draws on a canvas in CSS pixels. */
export type Paint = (context: CanvasRenderingContext2D, width: number, height: number) => void;

export class Sheet {
  readonly canvas: HTMLCanvasElement;
  readonly #paint: Paint;
  /** Draws anew before the next picture of the screen. */
  readonly redraw = oncePerFrame(() => this.#draw());

  constructor(canvas: HTMLCanvasElement, paint: Paint) {
    this.canvas = canvas;
    this.#paint = paint;
    new ResizeObserver(this.redraw).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', this.redraw);
  }

  get width(): number {
    return this.canvas.clientWidth;
  }

  get height(): number {
    return this.canvas.clientHeight;
  }

  #draw(): void {
    const { canvas, width, height } = this;
    if (width === 0 || height === 0) return; // not on the page
    const ratio = window.devicePixelRatio || 1;
    const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
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
