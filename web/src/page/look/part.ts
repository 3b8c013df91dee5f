// Which part of a section is read at full size.

import type { Crop, Picture } from '../../protocol.js';
import type { Frame } from './view.js';

// Along a side, in pixels.
const SIDE = 512;

/** The part around what is in view; null where the part that is there holds all of that. */
export function partAround(seen: Frame, { nx, ny }: Picture, there: Crop | null): Frame | null {
  const x = along(seen.x, seen.nx, nx, there && [there.x, there.nx]);
  const y = along(seen.y, seen.ny, ny, there && [there.y, there.ny]);
  if (x.holds && y.holds) return null;
  return { x: x.start, y: y.start, nx: Math.min(SIDE, nx), ny: Math.min(SIDE, ny) };
}

/** The same along one side: where the part is to begin, and whether the one that is there, from a pixel on, will do. */
function along(from: number, length: number, extent: number, there: [number, number] | null): { start: number; holds: boolean } {
  const start = Math.max(0, Math.min(extent - SIDE, Math.round(from + length / 2 - SIDE / 2)));
  if (!there) return { start, holds: false };
  const [begin, held] = there;
  // Where more is in view than such a part, the one in the middle of it will do.
  const holds = length > SIDE ? begin === start : begin <= from && begin + held >= from + length;
  return { start, holds };
}
