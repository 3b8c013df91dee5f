// Numbers beside pictures and axes.

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const DIGITS = 6;
// Digits that a difference is shown with, and the most that a number has.
const DIGITS_OF_DIFFERENCE = 2;
const MOST_DIGITS = 15;
const LARGE = 1e7;
// Beside a logarithmic axis figures beyond these are powers of ten.
const SMALL = 1e-4;
const MANY = 1e4;

/**
 * 1023; 0.00123457; whole numbers with all digits up to ten millions. Beside values that differ by as little as `difference` it
 * has the digits that tell it from them.
 */
export function figure(value: number, difference = 0): string {
  if (Number.isNaN(value)) return 'no number';
  if (Number.isInteger(value) && Math.abs(value) < LARGE) return String(value);
  const order = (size: number): number => Math.floor(Math.log10(size));
  const apart = value !== 0 && difference > 0 ? order(Math.abs(value)) - order(difference) + DIGITS_OF_DIFFERENCE : 0;
  return String(Number(value.toPrecision(Math.min(MOST_DIGITS, Math.max(DIGITS, apart)))));
}

/** +3, -0.5, 0 */
export function signed(value: number): string {
  return value > 0 ? `+${figure(value)}` : figure(value);
}

/** 10³ */
export function powerOfTen(exponent: number): string {
  const digits = Array.from(String(Math.abs(exponent)), (digit) => SUPERSCRIPTS[Number(digit)]).join('');
  return `10${exponent < 0 ? '⁻' : ''}${digits}`;
}

/** Round numbers from one end to the other, about as many as asked for; few digits each. */
export function ticks(from: number, to: number, about: number): number[] {
  const rough = (to - from) / Math.max(1, about);
  if (!(rough > 0) || !Number.isFinite(rough)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const found: number[] = [];
  // Multiples of whole numbers, so that sums of rounding errors do not show.
  for (let index = Math.ceil(from / step); index <= Math.floor(to / step); index++) found.push(Number((index * step).toPrecision(12)));
  return found;
}

/** Powers of ten from one end to the other; with their doubles and fivefolds, and in plain figures, where there are few. */
export function logTicks(from: number, to: number, most: number): { at: number; words: string }[] {
  const [first, last] = [Math.floor(Math.log10(from)), Math.ceil(Math.log10(to))];
  const every = Math.max(1, Math.ceil((last - first) / Math.max(1, most)));
  const found: { at: number; words: string }[] = [];
  const few = last - first <= 2;
  const plain = few && from >= SMALL && to < MANY;
  const factors = few ? [1, 2, 5] : [1];
  for (let exponent = first; exponent <= last; exponent++) {
    if (exponent % every !== 0) continue;
    for (const factor of factors) {
      const at = factor * 10 ** exponent;
      const powers = factor === 1 ? powerOfTen(exponent) : `${factor}×${powerOfTen(exponent)}`;
      const words = plain ? figure(Number(at.toPrecision(DIGITS))) : powers;
      if (at >= from * 0.999 && at <= to * 1.001) found.push({ at, words });
    }
  }
  return found;
}

/** 20K, 1.5M: counts beside an axis. */
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
export const compact = (count: number): string => COMPACT.format(count);
