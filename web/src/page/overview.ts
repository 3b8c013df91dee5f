// What has become of all files together: counts, sizes, progress, in the page and in the tab's title.

import * as fmt from './fmt.js';
import { oncePerFrame } from './frame.js';
import type { Job } from './job.js';
import type { Queue } from './queue.js';

/** Of the page, while nothing is being done. */
const TITLE = document.title;

// The first moments say little of how long all of it takes; in seconds.
const KNOWN_AFTER = 0.5;

export class Overview {
  readonly #main: HTMLElement;
  readonly #queue: Queue;
  readonly #totals: HTMLElement;
  readonly #failed: HTMLElement;
  readonly #lost: HTMLElement;
  readonly #warned: HTMLElement;
  readonly #grown: HTMLElement;
  readonly #wordsOfGrown: (grew: number, of: number) => Promise<string>;
  /** What the words about outputs that grew are of. */
  #grew = '';
  readonly #sizes: HTMLElement;
  readonly #expected: HTMLElement;
  readonly #bar: HTMLProgressElement;
  readonly #pace: HTMLElement;
  readonly #refresh = oncePerFrame(() => this.#show());
  /** Since when files are worked on without a break, and bytes of those that are through. */
  #run: { since: number; bytes: number } | null = null;
  #current: Job | null = null;

  /** `grown` words that so many outputs of so many are larger than their inputs. */
  constructor(main: HTMLElement, queue: Queue, grown: (grew: number, of: number) => Promise<string>) {
    this.#main = main;
    this.#wordsOfGrown = grown;
    this.#queue = queue;
    const part = <E extends HTMLElement>(id: string): E => main.querySelector<E>(`#${id}`)!;
    this.#totals = part('totals');
    this.#failed = part('failed');
    this.#lost = part('lost');
    this.#warned = part('warned');
    this.#grown = part('grown');
    this.#sizes = part('sizes');
    this.#expected = part('expected');
    this.#bar = part('progress');
    this.#pace = part('pace');
    queue.watch({
      changed: (job) => this.#follow(job),
      removed: (jobs) => {
        if (this.#current && jobs.includes(this.#current)) this.#current = null;
        this.#count();
      },
    });
    this.#count();
  }

  #follow(job: Job): void {
    if (job.state.is === 'running' && this.#current !== job) {
      this.#run ??= { since: performance.now(), bytes: 0 };
      this.#current = job;
    } else if (job === this.#current && job.state.is !== 'running') {
      if (this.#run) this.#run.bytes += job.file.size;
      this.#current = null;
    }
    this.#count();
  }

  /** Whether another file follows by itself. */
  get #goesOn(): boolean {
    const { tally, startsAtOnce } = this.#queue;
    return startsAtOnce && tally.open > 0;
  }

  /** Counts are always as they are: who waits for them waits for nothing else. */
  #count(): void {
    const { tally } = this.#queue;
    const { dataset } = this.#main;
    // Only a run that goes on is one: time that nothing is done in counts for nothing.
    if (!this.#current && !this.#goesOn) this.#run = null;
    const set = (name: string, count: number): void => {
      if (dataset[name] !== String(count)) dataset[name] = String(count);
    };
    set('files', tally.files);
    set('open', tally.open);
    set('finished', tally.finished);
    set('failed', tally.failed);
    // For those who test the page.
    set('predicted', tally.predicted);
    this.#refresh();
  }

  #show(): void {
    const { tally } = this.#queue;
    this.#totals.textContent = fmt.counted(tally);
    this.#failed.textContent = tally.failed > 0 ? `${tally.failed} failed` : '';
    this.#lost.textContent = fmt.lost(tally);
    this.#warned.textContent = fmt.warned(tally);
    this.#showGrown(tally.grew, tally.finished);
    this.#sizes.textContent = tally.finished > 0 ? fmt.sizes(tally.before, tally.after) : '';
    this.#expected.textContent = fmt.expected(tally);
    const share = this.#showPace();
    const title = share === null ? TITLE : `${fmt.percent(share)} - ${TITLE}`;
    if (document.title !== title) document.title = title;
  }

  /** Shows how many outputs are larger than their inputs, in the core's words, which come a moment later. */
  #showGrown(grew: number, of: number): void {
    const counts = `${grew} ${of}`;
    if (counts === this.#grew) return;
    this.#grew = counts;
    if (grew === 0) return void (this.#grown.textContent = '');
    const show = (words: string): void => {
      if (this.#grew === counts) this.#grown.textContent = words;
    };
    this.#wordsOfGrown(grew, of).then(show, () => (this.#grew = ''));
  }

  /** Shows how far all is; returns the share that is done, null while nothing is being done. */
  #showPace(): number | null {
    const run = this.#run;
    this.#bar.hidden = run === null;
    this.#pace.hidden = run === null;
    if (!run) return null;
    const job = this.#current;
    const part = job?.state.is === 'running' && job.state.total > 0 ? (job.file.size * job.state.done) / job.state.total : 0;
    const done = run.bytes + part;
    const left = (this.#queue.startsAtOnce ? this.#queue.tally.openBytes : (job?.file.size ?? 0)) - part;
    const share = done + left > 0 ? done / (done + left) : 0;
    const seconds = (performance.now() - run.since) / 1000;
    this.#bar.value = share;
    const words = [fmt.percent(share)];
    if (done > 0 && seconds > KNOWN_AFTER) {
      words.push(fmt.speed(done, seconds), `${fmt.duration((seconds * left) / done)} left`);
    }
    this.#pace.textContent = words.join(', ');
    return share;
  }
}
