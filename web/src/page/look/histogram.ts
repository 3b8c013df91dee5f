// How often each value is there, with the values that codes stand for.

import type { BitsPlan, Histogram } from '../../protocol.js';
import { figure } from './figures.js';
import { plot, type Area, type Axis } from './plot.js';
import { Sheet, colour } from './sheet.js';

// Codes closer than this, in CSS pixels, are a grey area and no lines.
const LEAST_GAP = 3;
// Narrower bars than this, in CSS pixels, would not be seen.
const LEAST_BAR = 1.5;
// Room beyond the values, as a part of what they span.
const ROOM = 0.02;
// Ends of codes further out than this would leave little room for the values; the caption has them.
const FAR = 0.35;

export class HistogramPlot {
  readonly #sheet: Sheet;
  readonly #caption: HTMLElement;
  /** Says what marks the codes. */
  readonly #key: HTMLElement;
  readonly #log: HTMLInputElement;
  #histogram: Histogram | null = null;
  #row: BitsPlan | null = null;
  #what = '';

  constructor(figureElement: HTMLElement) {
    this.#caption = figureElement.querySelector('figcaption')!;
    this.#key = figureElement.querySelector('.codes')!;
    this.#log = figureElement.querySelector('[name=log]')!;
    this.#sheet = new Sheet(figureElement.querySelector('canvas')!, (context, width, height) => this.#draw(context, width, height));
    this.#log.addEventListener('change', this.#sheet.redraw);
  }

  /** Shows counts, or nothing; `what` says of what. */
  show(histogram: Histogram | null, what = ''): void {
    this.#histogram = histogram;
    this.#what = what;
    this.#describe();
  }

  /** Marks what codes span, or nothing. */
  mark(row: BitsPlan | null): void {
    this.#row = row;
    this.#describe();
  }

  /** Counts of bins that lie beyond the codes, as far as bins tell. */
  #beyond({ low, width, counts }: Histogram, row: BitsPlan): number {
    let found = 0;
    for (const [index, count] of counts.entries()) {
      const middle = low + (index + 0.5) * width;
      // The bin that an end lies in counts as within.
      if (middle < row.low - width / 2 || middle > row.high + width / 2) found += count;
    }
    return found;
  }

  #describe(): void {
    const { canvas } = this.#sheet;
    const histogram = this.#histogram;
    // Floats have no codes.
    this.#key.hidden = this.#row === null;
    const all = histogram?.counts.reduce((sum, count) => sum + count, 0) ?? 0;
    if (!histogram || all === 0) {
      this.#caption.textContent = '';
      canvas.setAttribute('aria-label', 'No histogram yet');
    } else {
      const row = this.#row;
      const ends = row ? `${figure(row.low, row.step)} to ${figure(row.high, row.step)}` : '';
      const codes = row ? `; ${row.bits} bits: ${2 ** row.bits} codes from ${ends}` : '';
      const beyond = row ? this.#beyond(histogram, row) : 0;
      const share = figure(Number(((100 * beyond) / all).toPrecision(2)));
      const cut = row ? (beyond > 0 ? `, about ${share} % beyond` : ', nothing beyond') : '';
      this.#caption.textContent = `Values of ${this.#what}${codes}${cut}`;
      const { low, width, counts } = histogram;
      const end = low + width * counts.length;
      canvas.setAttribute('aria-label', `Histogram of ${this.#what}, from ${figure(low, width)} to ${figure(end, width)}${codes}${cut}`);
    }
    this.#sheet.redraw();
  }

  #draw(context: CanvasRenderingContext2D, width: number, height: number): void {
    const histogram = this.#histogram;
    if (!histogram || histogram.counts.length === 0) return;
    const { low, width: bin, counts } = histogram;
    const row = this.#row;
    const end = low + bin * counts.length;
    const span = end - low || 1;
    const first = Math.max(low - FAR * span, Math.min(low, row?.low ?? low));
    const last = Math.min(end + FAR * span, Math.max(end, row?.high ?? end));
    const room = ROOM * span;
    const most = counts.reduce((most, count) => Math.max(most, count), 1);
    const log = this.#log.checked;
    const x: Axis = { from: first - room, to: last + room, title: 'pixel value' };
    const y: Axis = { from: log ? 0.7 : 0, to: log ? 1.5 * most : 1.05 * most, title: 'pixels per bin', log, counts: true };
    plot(context, { width, height }, x, y, (area) => {
      context.fillStyle = colour(context.canvas, '--look-counts');
      for (const [index, count] of counts.entries()) {
        if (count === 0) continue;
        const left = area.x(low + index * bin);
        const top = area.y(count);
        context.fillRect(left, top, Math.max(LEAST_BAR, area.x(low + (index + 1) * bin) - left), area.top + area.height - top);
      }
      if (row) this.#drawCodes(context, area, row, bin);
    });
  }

  #drawCodes(context: CanvasRenderingContext2D, area: Area, { low, high, bits }: BitsPlan, bin: number): void {
    const codes = 2 ** bits - 1;
    const [left, right] = [area.x(low), area.x(high)];
    const bottom = area.top + area.height;
    context.fillStyle = colour(context.canvas, '--look-beyond');
    const [first, last] = [area.x(low - bin / 2), area.x(high + bin / 2)];
    context.fillRect(area.left, area.top, Math.max(0, first - area.left), area.height);
    context.fillRect(last, area.top, Math.max(0, area.left + area.width - last), area.height);
    context.strokeStyle = context.fillStyle = colour(context.canvas, '--look-codes');
    if ((right - left) / codes >= LEAST_GAP) {
      context.beginPath();
      for (let code = 0; code <= codes; code++) {
        const place = left + ((right - left) * code) / codes;
        context.moveTo(place, bottom);
        context.lineTo(place, area.top + area.height * 0.35);
      }
      context.lineWidth = 1;
      context.stroke();
    } else {
      // Too many to tell apart: a band says where they are.
      context.fillRect(left, bottom - 5, right - left, 5);
    }
    context.lineWidth = 2;
    context.setLineDash([5, 3]);
    context.beginPath();
    for (const place of [left, right]) {
      context.moveTo(place, area.top);
      context.lineTo(place, bottom);
    }
    context.stroke();
    context.setLineDash([]);
  }
}
