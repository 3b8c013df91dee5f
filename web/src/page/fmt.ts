// Numbers as a person reads them, in the words of the command line.

import type { Info, Made } from '../protocol.js';
import type { Job } from './job.js';

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

/** 1 image of 4096 x 4096 */
export function shape({ images, nx, ny, nz, same_shape: sameShape }: Info): string {
  const volume = nz > 1;
  const what = volume ? 'volume' : 'image';
  const size = volume ? `${nx} x ${ny} x ${nz}` : `${nx} x ${ny}`;
  const others = sameShape ? '' : ' (the first; others differ)';
  return `${images} ${what}${images > 1 ? 's' : ''} of ${size}${others}`;
}

const MODES: Record<number, string> = {
  0: 'bytes',
  1: '16-bit integers',
  2: '32-bit floats',
  6: 'unsigned 16-bit integers',
  12: '16-bit floats',
};

/** mode 6 (unsigned 16-bit integers) */
function mode(number: number): string {
  return `mode ${number} (${MODES[number]})`;
}

/** 0.8250 Å/pixel, or null; one number where all edges are alike. A header that says nothing gives 1. */
export function pixelSize({ pixel_size: edges, nz }: Info): string | null {
  if (edges === null) return null;
  const [x, y, z] = edges.map((edge) => Number(edge.toPrecision(5)));
  const alike = x === y && (y === z || nz === 1);
  return `${alike ? x : `${x} x ${y} x ${z}`} Å/pixel`;
}

/** 5 bits; range -1 to 2, step 0.1, 5 pixels truncated (0.01 %) */
export function stored(made: Made): string {
  if (made.way === 'expand') return mode(made.report.mode);
  const { bits, report } = made;
  if (bits === 0) return '32-bit floats';
  if (bits < 0) return '32-bit floats, uncompressed';
  const { pixels, truncated } = report;
  const share = truncated > 0 ? ` (${((100 * truncated) / pixels).toFixed(2)} %)` : '';
  return `${bits} bits; ${range(report)}, ${truncated} pixels truncated${share}`;
}

/** range -1 to 2, step 0.1; nothing for floats */
function range({ range, step }: Pick<Info, 'range' | 'step'>): string | null {
  if (range === null || step === null) return null;
  const [fine, coarse] = step;
  return `range ${range[0]} to ${range[1]}, step ${fine === coarse ? fine : `${fine} to ${coarse}`}`;
}

/** What a file says of itself: name and value of each thing it says. */
export function description(info: Info): [string, string][] {
  const { bits, truncated, minimum, maximum, mean, sigma } = info;
  const values = [
    minimum !== null && maximum !== null ? `${minimum} to ${maximum}` : null,
    mean !== null ? `mean ${mean}` : null,
    sigma !== null ? `standard deviation ${sigma}` : null,
  ].filter((part) => part !== null);
  const all: [string, string | null][] = [
    ['Format', `${info.format}, ${bytes(info.bytes)}`],
    ['Contents', shape(info)],
    ['Pixel size', pixelSize(info)],
    ['Stored as', info.type],
    ['Bits kept', bits === null ? null : bits[0] === bits[1] ? `${bits[0]}` : bits.join(' to ')],
    ['Range kept', range(info)?.replace('range ', '') ?? null],
    ['Truncated', truncated === null ? null : `${truncated} pixels`],
    ['Values, as the file says', values.length > 0 ? values.join(', ') : null],
    ['Compression', `${info.ratio.toFixed(2)}x, compared with ${info.uncompressed_type}`],
  ];
  return all.filter((entry): entry is [string, string] => entry[1] !== null);
}

/** 3 files, 2 finished, 1 failed, 6.00 MiB to 1.50 MiB (4.00x) */
export function totals(jobs: readonly Job[]): string {
  if (jobs.length === 0) return 'No files yet';
  let [before, after, done, failed] = [0, 0, 0, 0];
  for (const { file, state } of jobs) {
    if (state.is === 'failed') failed++;
    if (state.is !== 'finished' && state.is !== 'moved') continue;
    done++;
    before += file.size;
    after += state.made.report.output_bytes;
  }
  const parts = [files(jobs.length), `${done} finished`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (done > 0) parts.push(sizes(before, after));
  return parts.join(', ');
}

/** 6.00 MiB to 1.50 MiB (4.00x) */
export function sizes(before: number, after: number): string {
  return `${bytes(before)} to ${bytes(after)} (${ratio(before, after)})`;
}

/** 4.00x */
function ratio(before: number, after: number): string {
  return `${(before / Math.max(1, after)).toFixed(2)}x`;
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
