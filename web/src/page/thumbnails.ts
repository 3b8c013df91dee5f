// Small grey pictures for the rows in sight.

import type { Picture } from '../protocol.js';
import type { Task } from './background.js';
import type { Job } from './job.js';

// Pixels along the longer side: twice what a row shows, for screens with fine pixels.
const MOST = 64;
// Pictures that are kept; those of files that were not in sight for longest go first.
const KEPT = 2000;

export class Thumbnails {
  /** Null of a file that gives none. The last one seen comes last. */
  readonly #images = new Map<Job, ImageData | null>();
  /** Files whose pictures took long, and gave way to those of others. */
  readonly #late = new Set<Job>();
  readonly #seen: () => Job[];
  readonly #drawn: (job: Job) => void;

  /** `seen` are the files in sight; `drawn` is called with the file of each new picture. */
  constructor(seen: () => Job[], drawn: (job: Job) => void) {
    this.#seen = seen;
    this.#drawn = drawn;
  }

  /** The picture of a file, if there is one yet. */
  of(job: Job): ImageData | null {
    return this.#images.get(job) ?? null;
  }

  /** Leaves files out that are gone. */
  forget(jobs: readonly Job[]): void {
    for (const job of jobs) {
      this.#images.delete(job);
      this.#late.delete(job);
    }
  }

  /** Draws the first file in sight that has no picture yet; only with `late` one that took long before. */
  next(late: boolean): Task | null {
    const job = this.#seen().find((job) => job.inspection !== null && !this.#images.has(job) && (late || !this.#late.has(job)));
    if (!job) return null;
    return {
      job,
      run: async (standby, gone) => {
        const { file } = job;
        this.#keep(job, null);
        const picture = await standby.askOnce((engine) => engine.picture(file, null, 0, null, MOST), gone);
        this.#late.delete(job);
        this.#keep(job, grey(picture));
        this.#drawn(job);
      },
      isUntimely: () => false,
      gaveWay: () => {
        this.#images.delete(job);
        this.#late.add(job);
      },
    };
  }

  #keep(job: Job, image: ImageData | null): void {
    this.#images.delete(job);
    this.#images.set(job, image);
    const [oldest] = this.#images.keys();
    if (this.#images.size > KEPT && oldest) this.#images.delete(oldest);
  }
}

/** A picture between its ends of the grey scale, the highest row first as screens have it; nothing where no pixel is. */
function grey({ columns, rows, values, black, white }: Picture): ImageData {
  const image = new ImageData(columns, rows);
  const scale = 255 / (white - black || 1);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = values[(rows - 1 - row) * columns + column]!;
      const at = 4 * (row * columns + column);
      image.data.fill((value - black) * scale, at, at + 3);
      image.data[at + 3] = Number.isNaN(value) ? 0 : 255;
    }
  }
  return image;
}
