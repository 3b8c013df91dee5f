// The part of a section that is in view: its centre and its size on the screen.

/** Dots of the screen along a side of a pixel, or on a screen of fine dots so many times two or three of these. */
const SCALES = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 48, 64];

/** Lower left corner and extent of a part of a section, in pixels. */
export interface Frame {
  x: number;
  y: number;
  nx: number;
  ny: number;
}

const between = (low: number, value: number, high: number): number => Math.min(high, Math.max(low, value));

export class View {
  readonly #watchers: (() => void)[] = [];
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
    this.#watchers.push(watcher);
  }

  /** Shows a section of this extent: the middle of one that is new, the same part of one like the last. */
  show(nx: number, ny: number): void {
    const same = nx === this.#nx && ny === this.#ny;
    [this.#nx, this.#ny] = [nx, ny];
    if (same) return;
    [this.#x, this.#y] = [nx / 2, ny / 2];
    this.#scale = this.#fitting();
    this.#settle();
  }

  /** Forgets the section. */
  clear(): void {
    [this.#nx, this.#ny] = [0, 0];
  }

  /** The view has this extent on the screen, in CSS pixels, with so many dots in each. */
  resize(width: number, height: number, ratio: number): void {
    if (width === this.#width && height === this.#height && ratio === this.#ratio) return;
    const fitted = this.#scale === this.#fitting();
    [this.#width, this.#height, this.#ratio] = [width, height, ratio];
    this.#scale = fitted ? this.#fitting() : (this.#scales.find((scale) => scale >= this.#scale) ?? this.#scales.at(-1)!);
    this.#settle();
  }

  /** CSS pixels along a side of a pixel, each a whole number of dots: uneven pixels would look like a pattern. */
  get #scales(): number[] {
    return SCALES.map((scale) => (scale * Math.ceil(this.#ratio)) / this.#ratio);
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

  /** Has this place in the middle, as far as the section goes. */
  centre(x: number, y: number): void {
    [this.#x, this.#y] = [x, y];
    this.#settle();
  }

  /** The largest size at which all of the section is in view, or else the smallest. */
  #fitting(): number {
    const most = Math.min(this.#width / this.#nx, this.#height / this.#ny);
    return this.#scales.filter((scale) => scale <= most).at(-1) ?? this.#scales[0]!;
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
    if (this.#nx > 0 && this.#width > 0) for (const watcher of this.#watchers) watcher();
  }
}
