// Power spectra: of a part of the image, of what storing it changes, and how much of the noise may be added.

import type { BitsPlan, Plan, Stored } from '../../protocol.js';
import { figure } from './figures.js';
import { line, plot, type Area, type Axis } from './plot.js';
import { Sheet, colour } from './sheet.js';

const NYQUIST = 0.5;
// Decades shown below the lowest curve at most: an exact crop has no error at all.
const ROOM = 2;

export class SpectraPlot {
  readonly #sheet: Sheet;
  readonly #caption: HTMLElement;
  readonly #figure: HTMLElement;
  readonly #allowed: HTMLElement;
  readonly #log: HTMLInputElement;
  #stored: Stored | null = null;
  /** Why there are no spectra. */
  #reason = '';
  #row: BitsPlan | null = null;
  #plan: Plan | null = null;

  constructor(figureElement: HTMLElement) {
    this.#figure = figureElement;
    this.#caption = figureElement.querySelector('figcaption')!;
    this.#allowed = figureElement.querySelector('.allowed')!;
    this.#log = figureElement.querySelector('[name=log-frequency]')!;
    this.#sheet = new Sheet(figureElement.querySelector('canvas')!, (context, width, height) => this.#draw(context, width, height));
    this.#log.addEventListener('change', this.#sheet.redraw);
  }

  /** Shows the spectra of a crop, or nothing and why. */
  show(stored: Stored | null, reason = ''): void {
    // Sums of rounding errors are no spectrum.
    const found = stored && !flat(stored) ? stored : null;
    this.#reason = stored && !found ? 'All pixels in view are the same, without any power' : reason;
    if (found && found.image.frequency.length === 0) this.#reason = 'The image is too small for spectra';
    this.#stored = this.#reason === '' ? found : null;
    this.#describe();
  }

  /** Draws the noise of the plan, what it allows, and the error that its row promises, where these are known. */
  mark(row: BitsPlan | null, plan: Plan | null): void {
    this.#row = row;
    this.#plan = plan;
    this.#describe();
  }

  /** Frequencies are per Angstrom where pixels have one edge: so many of them in one per pixel, and their unit. */
  get #scale(): { perPixel: number; unit: string } {
    const size = this.#plan?.pixel_size ?? null;
    return size === null ? { perPixel: 1, unit: '1/px' } : { perPixel: 1 / size, unit: '1/A' };
  }

  #describe(): void {
    const { canvas } = this.#sheet;
    const words = this.#plan?.allowed_words ?? null;
    this.#allowed.hidden = words === null;
    this.#allowed.textContent = `${words} of it`;
    this.#caption.textContent = this.#words();
    this.#figure.classList.toggle('empty', this.#reason !== '');
    canvas.setAttribute('aria-label', this.#stored ? `Power spectra of the part in view. ${this.#words()}` : 'No spectra yet');
    this.#sheet.redraw();
  }

  #words(): string {
    if (!this.#stored) return this.#reason;
    const { bits, image, error, largest } = this.#stored;
    if (largest === 0) return `${bits} bits: no difference`;
    // Where the error comes nearest to the image.
    let [worst, at] = [0, 0];
    for (const [index, density] of error.density.entries()) {
      const share = density / (image.density[index] || Infinity);
      if (share > worst) [worst, at] = [share, image.frequency[index] ?? 0];
    }
    const share = figure(Number((100 * worst).toPrecision(2)));
    const { perPixel, unit } = this.#scale;
    const place = figure(Number((at * perPixel).toPrecision(2)));
    return `${bits} bits: the difference has at most ${share} % of the power of the image, at ${place} ${unit}`;
  }

  #draw(context: CanvasRenderingContext2D, width: number, height: number): void {
    if (!this.#stored) return;
    const { image, largest } = this.#stored;
    const error = largest > 0 ? this.#stored.error : { frequency: [], density: [] };
    const positive = (densities: number[]): number[] => densities.filter((density) => density > 0);
    const powers = positive(image.density);
    if (powers.length === 0) return;
    const errors = positive([...error.density, this.#row?.error ?? 0]);
    const allowed = this.#plan?.allowed ?? 0;
    const least = Math.min(...powers) * (allowed || 1);
    const from = Math.max(Math.min(least, ...errors), least / 10 ** ROOM) / 2;
    const to = Math.max(...powers, ...errors) * 2;
    const { perPixel, unit } = this.#scale;
    const log = this.#log.checked;
    const first = log ? (image.frequency[0] ?? 0) : 0;
    const x: Axis = { from: first * perPixel, to: NYQUIST * perPixel, title: `spatial frequency, ${unit}`, log };
    const y: Axis = { from, to, title: 'power, as variance of pixel values', log: true };
    plot(context, { width, height }, x, y, (area) => {
      const draw = (name: string, xs: number[], ys: number[], width: number, dash: number[] = []): void => {
        context.strokeStyle = colour(context.canvas, name);
        context.lineWidth = width;
        context.setLineDash(dash);
        line(context, area, xs.map((x) => x * perPixel), ys);
        context.setLineDash([]);
      };
      this.#drawNoise(context, area, perPixel);
      draw('--look-image', image.frequency, image.density, 2);
      draw('--look-allowed', image.frequency, image.density.map((density) => density * allowed), 2, [2, 3]);
      draw('--look-error', error.frequency, error.density, 2);
      const level = this.#row?.error ?? 0;
      draw('--look-error', [first, NYQUIST], [level, level], 1, [7, 4]);
    });
  }

  /** The density of the noise in each band. */
  #drawNoise(context: CanvasRenderingContext2D, area: Area, perPixel: number): void {
    context.strokeStyle = colour(context.canvas, '--look-noise');
    context.lineWidth = 4;
    for (const [band, density] of (this.#plan?.plan.noise?.density ?? []).entries()) {
      const ends = this.#plan!.noise_bands[band] ?? [];
      line(context, area, ends.map((frequency) => frequency * perPixel), [density, density]);
    }
  }
}

/** Whether all pixels are the same, before and after. */
function flat({ values, difference }: Stored): boolean {
  const [value, change] = [values[0], difference[0]];
  return values.every((each) => each === value) && difference.every((each) => each === change);
}
