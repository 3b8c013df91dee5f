// Axes: places of values on a canvas, ticks and titles.

import { compact, figure, logTicks, ticks } from './figures.js';
import { colour } from './sheet.js';

export interface Axis {
  from: number;
  to: number;
  title: string;
  log?: boolean;
  /** Counts are shortened: 20K. */
  counts?: boolean;
}

const FONT = '11px system-ui, sans-serif';
const MARGIN = { left: 46, right: 10, top: 20, bottom: 32 };
// Room for a label along each axis, in CSS pixels; beside wide labels more.
const LABEL_WIDTH = 54;
const LABEL_HEIGHT = 26;
const LABEL_GAP = 14;

/** Where things are drawn. */
export interface Area {
  left: number;
  top: number;
  width: number;
  height: number;
  x(value: number): number;
  y(value: number): number;
}

function places(axis: Axis, start: number, extent: number): (value: number) => number {
  const { from, to, log } = axis;
  if (log) {
    const [first, last] = [Math.log(from), Math.log(to)];
    return (value) => start + (extent * (Math.log(Math.max(value, from * 1e-3)) - first)) / (last - first || 1);
  }
  return (value) => start + (extent * (value - from)) / (to - from || 1);
}

function marks({ from, to, log, counts }: Axis, about: number): { at: number; words: string }[] {
  if (log) return logTicks(from, to, about);
  const found = ticks(from, to, about);
  const [first = 0, second = 0] = found;
  return found.map((at) => ({ at, words: counts ? compact(at) : figure(at, second - first) }));
}

/** Draws two axes; `paint` draws between them, and nothing beyond. */
export function plot(
  context: CanvasRenderingContext2D,
  extent: { width: number; height: number },
  x: Axis,
  y: Axis,
  paint: (area: Area) => void,
): void {
  const width = extent.width - MARGIN.left - MARGIN.right;
  const height = extent.height - MARGIN.top - MARGIN.bottom;
  const [left, top] = [MARGIN.left, MARGIN.top];
  const [bottom, right] = [top + height, left + width];
  const area: Area = { left, top, width, height, x: places(x, left, width), y: places(y, bottom, -height) };
  const ink = colour(context.canvas, '--quiet');
  context.font = FONT;
  context.lineWidth = 1;
  context.fillStyle = ink;
  context.strokeStyle = colour(context.canvas, '--line');
  context.textBaseline = 'top';
  context.textAlign = 'center';
  context.beginPath();
  const room = (words: string): number => Math.max(LABEL_WIDTH, context.measureText(words).width + LABEL_GAP);
  let about = Math.max(1, Math.floor(width / LABEL_WIDTH));
  const fits = (some: { at: number; words: string }[]): boolean => {
    if (x.log) return some.every(({ words }) => room(words) * about <= width);
    const gaps = some.slice(1).map(({ at }, index) => area.x(at) - area.x(some[index]!.at));
    return some.every(({ words }) => gaps.every((gap) => gap >= room(words)));
  };
  let some = marks(x, about);
  while (about > 1 && !fits(some)) some = marks(x, --about);
  for (const { at, words } of some) {
    const place = Math.round(area.x(at)) + 0.5;
    context.moveTo(place, top);
    context.lineTo(place, bottom + 4);
    // The outermost labels stay on the canvas.
    const half = context.measureText(words).width / 2;
    context.fillText(words, Math.min(extent.width - half, place), bottom + 5);
  }
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  for (const { at, words } of marks(y, Math.floor(height / LABEL_HEIGHT))) {
    const place = Math.round(area.y(at)) + 0.5;
    context.moveTo(left - 4, place);
    context.lineTo(right, place);
    context.fillText(words, left - 6, Math.max(6, place));
  }
  context.stroke();
  context.textAlign = 'center';
  context.textBaseline = 'bottom';
  context.fillText(x.title, left + width / 2, extent.height);
  context.textAlign = 'left';
  context.textBaseline = 'top';
  context.fillText(y.title, left, 2);
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  paint(area);
  context.restore();
  context.strokeStyle = ink;
  context.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1);
}

/** Draws a line through places; what cannot be on a logarithmic axis is left out. */
export function line(context: CanvasRenderingContext2D, area: Area, xs: number[], ys: number[]): void {
  context.beginPath();
  let open = false;
  for (const [index, x] of xs.entries()) {
    const y = ys[index]!;
    if (!(y > 0)) {
      open = false;
      continue;
    }
    if (open) context.lineTo(area.x(x), area.y(y));
    else context.moveTo(area.x(x), area.y(y));
    open = true;
  }
  context.stroke();
}
