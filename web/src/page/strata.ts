// How large all outputs would be, told from some of them. Files that are alike make a stratum: those of a format and pixel
// type whose sizes, packed and unpacked, and numbers of images differ little. Within one the outputs go with the sizes of the
// inputs, as far as those that were looked at show; what they leave open is added up over the strata.
//
// Source: Cochran, Sampling Techniques (1977), 5.3 on stratified sampling, 6.3 on ratio estimates.

import type { Info } from '../protocol.js';

// Classes of sizes go up by this factor.
const CLASS = Math.SQRT2;
// Files of a stratum differ at least by this part, whatever the few say that were looked at.
const LEAST_SPREAD = 0.1;
// Where all are alike that were looked at, such a part of their number may still be unlike, such as blank ones: the rule of three.
const UNLIKE = 3;
// Degrees of freedom that a stratum takes from the others.
const BORROWED = 5;
// An output has at most so many times the bytes of the pixels: floats of bytes.
const MOST_GROWTH = 4;
// Twice the standard error holds of many. Of few it is Student's t, of 95 %, by the degrees of freedom.
const STUDENT = [Infinity, 12.7, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26];
const STUDENT_OF_MANY = 2.2;

/** Names the stratum of a file. */
export function stratumOf({ format, type, images, uncompressed_bytes }: Info, size: number): string {
  const classes = [size, uncompressed_bytes, images].map((count) => Math.round(Math.log(Math.max(1, count)) / Math.log(CLASS)));
  return [format, type, ...classes].join(' ');
}

/** Files that are alike, and sums over them; `x` are bytes of inputs, `y` those of outputs that are predicted. */
export class Stratum {
  files = 0;
  bytes = 0;
  /** Of the pixels, unpacked. */
  unpacked = 0;
  looked = 0;
  /** Of those that were looked at, the ones that have an output: what cannot be read has none, and alone says nothing of the rest. */
  #made = 0;
  #x = 0;
  #y = 0;
  #xx = 0;
  #xy = 0;
  #yy = 0;

  /** Counts a file, or with -1 no more. */
  add(sign: 1 | -1, x: number, unpacked: number, y: number | null): void {
    this.files += sign;
    this.bytes += sign * x;
    this.unpacked += sign * Math.max(x, unpacked);
    if (y === null) return;
    this.looked += sign;
    this.#made += y > 0 ? sign : 0;
    this.#x += sign * x;
    this.#y += sign * y;
    this.#xx += sign * x * x;
    this.#xy += sign * x * y;
    this.#yy += sign * y * y;
  }

  get isUnknown(): boolean {
    return this.#made === 0 && this.files > this.looked;
  }

  /** Bytes of all outputs; null while nothing is known of any. */
  get expected(): number | null {
    if (this.isUnknown) return null;
    if (this.looked === this.files) return this.#y;
    return this.#y + this.#rate * Math.max(0, this.bytes - this.#x);
  }

  get #rate(): number {
    return this.#y / Math.max(1, this.#x);
  }

  /** How much the outputs differ that were looked at: the sum of squares, as parts of their mean, of so many degrees of freedom. */
  get spread(): Spread {
    const { looked } = this;
    if (looked < 2 || this.#y === 0) return { squares: 0, freedom: 0 };
    const rate = this.#rate;
    const each = this.#y / looked;
    const squares = Math.max(0, this.#yy - 2 * rate * this.#xy + rate * rate * this.#xx);
    return { squares: squares / (each * each), freedom: looked - 1 };
  }

  /** By how many bytes that may be off, or how many there may be at most; `common` is how much files of all strata differ. */
  doubt(common: Spread): number {
    const { files, looked } = this;
    if (looked === files) return 0;
    if (this.isUnknown) return MOST_GROWTH * this.unpacked;
    const own = this.spread;
    // Of few that were looked at the others tell how much they may differ.
    const borrowed = Math.min(BORROWED, common.freedom);
    const freedom = own.freedom + borrowed;
    const squares = own.squares + (common.freedom > 0 ? (borrowed * common.squares) / common.freedom : 0);
    const found = freedom > 0 ? Math.sqrt(squares / freedom) * (STUDENT[freedom] ?? STUDENT_OF_MANY) : 0;
    const left = 1 - looked / files;
    const part = Math.max(Math.max(found, 2 * LEAST_SPREAD) * Math.sqrt(left / looked), (UNLIKE * left) / looked);
    return (part * files * this.#y) / looked;
  }
}

/** How much outputs differ: a sum of squares, and of how many degrees of freedom. */
interface Spread {
  squares: number;
  freedom: number;
}

/** How much outputs of a stratum differ, taken over all strata. */
export function spreadOf(strata: Iterable<Stratum>): Spread {
  const sum = { squares: 0, freedom: 0 };
  for (const { spread } of strata) {
    sum.squares += spread.squares;
    sum.freedom += spread.freedom;
  }
  return sum;
}

/** Bytes of all outputs of these strata, and the part by which that may be off; null where nothing is known of any. */
export function sumOf(strata: Stratum[]): { bytes: number; doubt: number } | null {
  let [bytes, input, squares, unknown, unknownInput] = [0, 0, 0, 0, 0];
  const common = spreadOf(strata);
  for (const stratum of strata) {
    const { expected } = stratum;
    const doubt = stratum.doubt(common);
    if (expected === null) {
      // A bound: it goes on top of all the rest.
      unknown += doubt;
      unknownInput += stratum.bytes;
    } else {
      bytes += expected;
      input += stratum.bytes;
      squares += doubt * doubt;
    }
  }
  if (input === 0) return null;
  const all = bytes + (bytes / input) * unknownInput;
  const off = unknown + Math.sqrt(squares);
  return { bytes: all, doubt: off === 0 ? 0 : off / Math.max(1, all) };
}
