// Numbers as a person reads them, in the words of the command line.

import type { Choice, Compressed, Inspected } from './protocol.js';

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'];

/** 1.50 MiB */
export function bytes(count: number): string {
  if (count < 1024) return `${count} B`;
  let unit = -1;
  do {
    count /= 1024;
    unit++;
  } while (count >= 1024 && unit < UNITS.length - 1);
  return `${count.toFixed(2)} ${UNITS[unit]}`;
}

/** 3 min 5 s */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

/** 1 image of 4096 x 4096 */
export function shape({ images, nx, ny, nz }: Inspected): string {
  if (images > 1) return `${images} images of ${nx} x ${ny}`;
  return nz > 1 ? `1 volume of ${nx} x ${ny} x ${nz}` : `1 image of ${nx} x ${ny}`;
}

const MODES: Record<number, string> = {
  0: '8-bit integers',
  1: '16-bit signed integers',
  2: '32-bit floats',
  6: '16-bit unsigned integers',
  12: '16-bit floats',
  17: '8-bit signed integers',
  101: '4-bit integers',
};

/** mode 6 (16-bit unsigned integers) */
export function mode(number: number): string {
  const words = MODES[number];
  return words === undefined ? `mode ${number}` : `mode ${number} (${words})`;
}

/** 0.8250 Å/pixel; a header that says nothing gives 1. */
export function pixelSize(angstrom: number): string {
  return `${Number(angstrom.toPrecision(5))} Å/pixel`;
}

/** 5 bits */
export function stored({ bits }: Choice): string {
  if (bits === 0) return '32-bit floats';
  return bits < 0 ? '32-bit floats, uncompressed' : `${bits} bits`;
}

/** range -1 to 2, step 0.1, 5 pixels truncated (0.01 %) */
export function range({ range, step, truncated, pixels }: Compressed): string | null {
  const [low, high] = range;
  const [fine, coarse] = step;
  if (low === undefined) return null;
  const steps = fine === coarse ? fine : `${fine} to ${coarse}`;
  const share = truncated > 0 ? ` (${((100 * truncated) / pixels).toFixed(2)} %)` : '';
  return `range ${low} to ${high}, step ${steps}, ${truncated} pixels truncated${share}`;
}

/** 1 file, 2 files */
export function files(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}
