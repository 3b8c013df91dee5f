// Values as greys, and their place in a section.

const SAMPLES = 20_000;
// Part of the values beyond each end of a grey scale, as in the core's.
const BEYOND = 0.005;
// Numbers of dots that differ by no more are the same, but for rounding.
const EVEN = 1e-6;

/** Ends of a grey scale. */
export interface Greys {
  black: number;
  white: number;
}

/** What two values may differ by on a grey scale and still look alike. */
export function shade({ black, white }: Greys): number {
  return Math.abs(white - black) / 255;
}

/** A picture of a part of a section. Rows of values start with the lowest, those of the picture with the highest. */
export class Tile {
  readonly x: number;
  readonly y: number;
  /** Extent in pixels of the section. */
  readonly nx: number;
  readonly ny: number;
  /** The part of that which the section has: the last column and the topmost row may stand for fewer pixels than the others. */
  readonly across: number;
  readonly up: number;
  readonly values: Float32Array;
  readonly columns: number;
  readonly rows: number;
  readonly #canvas: HTMLCanvasElement;
  #greys: Greys | null = null;
  /** The picture with each value so many times along a side. */
  #enlarged: { canvas: HTMLCanvasElement; greys: Greys; factor: number } | null = null;

  /** Each value stands for `reduction` pixels along a side. */
  constructor(
    values: Float32Array,
    columns: number,
    rows: number,
    { x = 0, y = 0, reduction = 1, across = 0, up = 0 } = {},
  ) {
    this.x = x;
    this.y = y;
    this.nx = columns * reduction;
    this.ny = rows * reduction;
    this.across = across || this.nx;
    this.up = up || this.ny;
    this.values = values;
    this.columns = columns;
    this.rows = rows;
    this.#canvas = document.createElement('canvas');
    this.#canvas.width = columns;
    this.#canvas.height = rows;
  }

  /** The value at a pixel of the section, or null where the tile has none. */
  at(x: number, y: number): number | null {
    if (x - this.x >= this.across || y - this.y >= this.up) return null;
    const column = Math.floor(((x - this.x) * this.columns) / this.nx);
    const row = Math.floor(((y - this.y) * this.rows) / this.ny);
    if (column < 0 || row < 0 || column >= this.columns || row >= this.rows) return null;
    return this.values[row * this.columns + column] ?? null;
  }

  /** The pixels of the section that the value at one of them stands for, in words. */
  around(x: number, y: number): string {
    const side = this.nx / this.columns;
    const extent = (at: number, end: number): number => Math.min(side, end - Math.floor(at / side) * side);
    return `${extent(x - this.x, this.across)} x ${extent(y - this.y, this.up)}`;
  }

  /** Ends that leave out a few of the most extreme values. */
  robust(): Greys {
    const every = Math.max(1, Math.floor(this.values.length / SAMPLES));
    const sample = this.values.filter((value, index) => index % every === 0 && Number.isFinite(value)).sort();
    const rank = (share: number): number => sample[Math.round(share * (sample.length - 1))] ?? 0;
    return { black: rank(BEYOND), white: rank(1 - BEYOND) };
  }

  /** The picture, with this grey scale. */
  picture(greys: Greys): HTMLCanvasElement {
    const { black, white } = greys;
    if (this.#greys?.black === black && this.#greys.white === white) return this.#canvas;
    this.#greys = { black, white };
    const { columns, rows, values } = this;
    const image = new ImageData(columns, rows);
    const words = new Uint32Array(image.data.buffer);
    const span = white - black || 1;
    for (let row = 0; row < rows; row++) {
      const into = (rows - 1 - row) * columns;
      for (let column = 0; column < columns; column++) {
        const value = values[row * columns + column]!;
        // What is no number stays transparent.
        if (Number.isNaN(value)) continue;
        const grey = Math.round(255 * Math.min(1, Math.max(0, (value - black) / span)));
        words[into + column] = 0xff000000 | (grey * 0x010101);
      }
    }
    this.#canvas.getContext('2d')!.putImageData(image, 0, 0);
    return this.#canvas;
  }

  /**
   * Draws it at a place in CSS pixels, on a screen with so many dots in each. Values that would come to uneven numbers of dots
   * are drawn larger and then reduced: their edges are soft, but all are of one size, where else a pattern would be seen.
   */
  draw(context: CanvasRenderingContext2D, greys: Greys, place: readonly [number, number, number, number], ratio: number): void {
    const dots = (place[2] * ratio) / this.columns;
    const isEven = Math.abs(dots - Math.round(dots)) < EVEN;
    context.imageSmoothingEnabled = !isEven;
    context.imageSmoothingQuality = 'high';
    context.drawImage(isEven || dots < 1 ? this.picture(greys) : this.#larger(greys, Math.ceil(dots)), ...place);
  }

  #larger(greys: Greys, factor: number): HTMLCanvasElement {
    const before = this.#enlarged;
    const same = before?.factor === factor && before.greys.black === greys.black && before.greys.white === greys.white;
    if (before && same) return before.canvas;
    const canvas = before?.canvas ?? document.createElement('canvas');
    // Setting a canvas's extent clears it.
    [canvas.width, canvas.height] = [this.columns * factor, this.rows * factor];
    const context = canvas.getContext('2d')!;
    context.imageSmoothingEnabled = false;
    context.drawImage(this.picture(greys), 0, 0, canvas.width, canvas.height);
    this.#enlarged = { canvas, greys, factor };
    return canvas;
  }
}
