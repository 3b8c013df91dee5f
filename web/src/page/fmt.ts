// Numbers of the page itself as a person reads them. What is said of images is worded by the core.

import { MOST_DOUBT, WORTHLESS, type Tally } from './tally.js';

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

/** 120 MB/s */
export function speed(bytes: number, seconds: number): string {
  return `${Math.round(bytes / 1e6 / Math.max(1e-3, seconds))} MB/s`;
}

/** 3 min 5 s */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

/** 5 files, 6.00 MiB; 5 files, 2 finished */
export function counted(tally: Tally): string {
  if (tally.files === 0) return 'No files yet';
  const { finished, failed } = tally;
  const what = finished + failed > 0 ? `${finished} finished` : bytes(tally.bytes);
  const before = tally.of('before');
  return `${files(tally.files)}, ${what}${before > 0 ? `, ${before} done before` : ''}`;
}

/** 2 warnings about 1 file; nothing without any */
export function warned({ warnings, warned }: Tally): string {
  if (warnings === 0) return '';
  return `${warnings === 1 ? '1 warning' : `${warnings} warnings`} about ${files(warned)}`;
}

/** picture lost in 1 file, picture lost expected in 2 files; nothing where none is */
export function lost({ lost, losing }: Tally): string {
  const found = lost === 0 ? [] : [`picture lost in ${files(lost)}`];
  return [...found, ...(losing === 0 ? [] : [`picture lost expected in ${files(losing)}`])].join(', ');
}

/** about 1.00 MiB expected of the 3 files waiting (4.0x), or that it is not known yet; nothing where nothing is known */
export function expected(tally: Tally): string {
  const { expected, promising, bounded } = tally;
  if (!expected) return '';
  if (expected.doubt > WORTHLESS) {
    return `size expected of the ${files(promising.files + tally.of('inspecting'))} waiting: not known yet`;
  }
  const after = Math.round(expected.bytes);
  const size = `${bounded > 0 ? 'at most' : 'about'} ${bytes(after)}`;
  const doubt = expected.doubt > MOST_DOUBT ? `, ${Math.ceil(100 * expected.doubt)} % more or less,` : '';
  const ratio = `${(promising.bytes / Math.max(1, after)).toFixed(1)}x${bounded > 0 ? ' or more' : ''}`;
  return `${size}${doubt} expected of the ${files(promising.files)} waiting (${ratio})`;
}

// Letters of what comes from a file that are shown, and of its beginning and its end where it is longer.
const LONGEST = 600;
const [FIRST, LAST] = [350, 150];
// Remarks that are shown of many.
const MOST = 20;

/**
 * What comes from a file, such as its name, a path or a reason, as it may be shown: without what would change the order or the
 * lines of what is around it, and no longer than a person reads.
 */
export function shown(text: string): string {
  const letters = text.length > LONGEST ? Array.from(text) : [];
  if (letters.length <= LONGEST) return escaped(text);
  const left = letters.length - FIRST - LAST;
  return `${escaped(letters.slice(0, FIRST).join(''))} ... (${left} letters left out) ... ${escaped(letters.slice(-LAST).join(''))}`;
}

/** Remarks as they may be shown: the first of many, and how many more there are. */
export function several(remarks: string[]): string[] {
  const found = remarks.slice(0, MOST).map(shown);
  return remarks.length > MOST ? [...found, `${remarks.length - MOST} more are not shown`] : found;
}

function escaped(name: string): string {
  const unfit = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;
  return name.replace(unfit, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** 6.00 MiB -> 1.50 MiB (4.00x) */
export function sizes(before: number, after: number): string {
  return `${bytes(before)} -> ${bytes(after)} (${ratio(before, after)})`;
}

/** 37 % */
export function percent(share: number): string {
  return `${Math.floor(100 * share)} %`;
}

/** 4.00x */
export function ratio(before: number, after: number): string {
  return `${(before / Math.max(1, after)).toFixed(2)}x`;
}

/** MRC, SPIDER or IMAGIC */
export function either(names: string[]): string {
  const last = names.at(-1) ?? '';
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} or ${last}` : last;
}

/** 1 file, 2 files */
export function files(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}

/** 8 threads; 1 thread, without shared memory: the host sends no isolation headers */
export function threads(count: number, reason: string | null): string {
  const text = count > 1 ? `${count} threads` : '1 thread';
  const build = count > 0 ? text : `${text}, without shared memory`;
  return reason === null ? build : `${build}: ${reason}`;
}
