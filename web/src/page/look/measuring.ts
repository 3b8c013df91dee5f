// The plan of the image that is looked at, in a worker of its own: it takes about a second for 16 million pixels.

import type { Choice, Chosen, Compression, Plan, Prediction, Rendering } from '../../protocol.js';
import type { Standby } from '../standby.js';
import { Latest } from './latest.js';

// What is read of larger images stays in memory for a while: they are measured while no file is worked on.
const LARGE = 2 ** 26;
// So is what is read of a file of such a size, beside its compression.
const LARGE_FILE = 2 ** 30;

/** Who wants to know of a plan. */
export interface Watcher {
  /** It is being made: this part is done, or null when that is not known. */
  waits(share: number | null): void;
  take(plan: Plan): void;
  fail(problem: unknown): void;
  /** What a plan of the whole file closes with; nothing while that is not known. */
  whole(lines: string[]): void;
}

/** Resolves when no file is worked on, or when nobody waits for that any more. */
type Idle = (awaited: () => boolean) => Promise<void>;

export class Measuring {
  readonly #standby: Standby;
  readonly #watcher: Watcher;
  readonly #idle: Idle;
  readonly #plans = new Latest<Plan>();
  readonly #wholes = new Latest<Prediction>();
  /** What the lines about the whole file are of, and these lines. */
  #whole: { subject: string; lines: string[] } | null = null;
  #subject: string | null = null;

  constructor(standby: Standby, watcher: Watcher, idle: Idle) {
    this.#standby = standby;
    this.#watcher = watcher;
    this.#idle = idle;
  }

  /**
   * Has an image planned, one of so many pixels; `subject` tells files, images and renderings apart. Returns whether that is
   * another plan than the last.
   */
  ask(subject: string, pixels: number, file: Chosen, eer: Rendering | null, image: number, choice: Choice | null): boolean {
    const compression = compressionOf(choice);
    const whole = `${subject} ${JSON.stringify(compression)}`;
    if (whole === this.#subject) return false;
    this.#subject = whole;
    this.#watcher.waits(null);
    const progress = (done: number, total: number): void => {
      if (this.#subject === whole && total > 0) this.#watcher.waits(done / total);
    };
    this.#plans.wish({
      subject: whole,
      ask: async (gone) => {
        const awaited = (): boolean => this.#subject === whole;
        if (isLarge(pixels, file)) await this.#idle(awaited);
        if (!awaited()) throw new Error('it is not asked for any more');
        return this.#standby.askOnce((engine) => engine.plan(file, eer, image, compression, progress), gone);
      },
      take: (plan) => this.#watcher.take(plan),
      fail: (problem) => this.#watcher.fail(problem),
    });
    return true;
  }

  /** Asks what all images of a file come to; `subject` tells files and renderings apart. */
  askWhole(subject: string, pixels: number, file: Chosen, eer: Rendering | null, choice: Choice | null): void {
    const compression = compressionOf(choice);
    const whole = `${subject} ${JSON.stringify(compression)}`;
    const tell = (lines: string[]): void => {
      this.#whole = { subject: whole, lines };
      this.#watcher.whole(lines);
    };
    if (this.#whole?.subject === whole) return this.#watcher.whole(this.#whole.lines);
    const rendering = eer ?? { fractions: null, grouping: null, upsampling: null };
    this.#wholes.wish({
      subject: whole,
      ask: async (gone) => {
        if (isLarge(pixels, file)) await this.#idle(() => !gone.aborted);
        return this.#standby.askOnce((engine) => engine.predict(file, { ...compression, eer: rendering }), gone);
      },
      take: ({ lines }) => tell(lines),
      // Why it cannot be measured is said of its image.
      fail: () => tell([]),
    });
  }

  /** Takes no plan any more. */
  drop(): void {
    this.#subject = null;
    this.#plans.drop();
    this.#wholes.drop();
  }
}

/** Whether measuring waits for those who work. */
function isLarge(pixels: number, file: Chosen): boolean {
  return pixels > LARGE || file.size > LARGE_FILE;
}

/** What a plan is asked with: limits count, the number of bits does not. */
function compressionOf(choice: Choice | null): Compression {
  if (choice?.way !== 'compress') return { way: 'compress', bits: 'auto', level: null, limits: { kind: 'all' } };
  return { way: 'compress', bits: 'auto', level: choice.level, limits: choice.limits };
}
