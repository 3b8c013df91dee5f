// The rows of the list: only those in sight are in the document, whatever the number of files.

import { oncePerFrame } from './frame.js';
import type { Job } from './job.js';
import { changes, next, sorted, type Key, type Order } from './order.js';
import { Row, type Thumbnail } from './row.js';
import { Watchers } from './watchers.js';

// Rows beyond both edges, so that a quick hand sees no gap.
const BEYOND = 6;
// Of a row, until one was measured.
const LIKELY_HEIGHT = 48;
// Letters typed within so many milliseconds are the beginning of one name.
const TYPING = 700;

export class Table {
  readonly #grid: HTMLElement;
  readonly #body: HTMLElement;
  readonly #heads: HTMLElement[];
  readonly #template: HTMLTemplateElement;
  readonly #thumbnail: Thumbnail;
  readonly #rows = new Map<Job, Row>();
  readonly #spare: Row[] = [];
  readonly #dirty = new Set<Job>();
  readonly #watchers = new Watchers<[Job | null]>();
  readonly #refresh = oncePerFrame(() => this.#show());
  #jobs: readonly Job[] = [];
  #shown: readonly Job[] = [];
  #order: Order = null;
  #stale = false;
  #selected: Job | null = null;
  #height = LIKELY_HEIGHT;
  #isMeasured = false;
  #typed = '';
  #typedAt = 0;

  /** `grid` scrolls. */
  constructor(grid: HTMLElement, template: HTMLTemplateElement, thumbnail: Thumbnail) {
    this.#grid = grid;
    this.#template = template;
    this.#thumbnail = thumbnail;
    this.#body = grid.querySelector<HTMLElement>('.body')!;
    this.#heads = [...grid.querySelectorAll<HTMLElement>('[data-key]')];
    for (const head of this.#heads) {
      head.querySelector('button')!.addEventListener('click', () => this.#sort(head.dataset['key'] as Key));
    }
    // At once: the frame is made right after.
    grid.addEventListener('scroll', () => this.#show(), { passive: true });
    grid.addEventListener('keydown', (event) => this.#press(event));
    this.#body.addEventListener('click', ({ target }) => {
      const element = (target as HTMLElement).closest('.row');
      for (const [job, row] of this.#rows) if (row.element === element) this.select(job);
    });
    new ResizeObserver(() => {
      this.#isMeasured = false;
      this.#refresh();
    }).observe(grid);
  }

  /** The files, in the order in which they came. */
  set jobs(jobs: readonly Job[]) {
    this.#jobs = jobs;
    this.#stale = true;
    this.#refresh();
  }

  /** Shows what has become of a file, if it is in sight. */
  changed(job: Job): void {
    if (changes(this.#order)) this.#stale = true;
    else if (!this.#rows.has(job)) return;
    this.#dirty.add(job);
    this.#refresh();
  }

  get selected(): Job | null {
    return this.#selected;
  }

  /** Calls back whenever another file is selected, and with null when none is left. */
  watchSelection(watcher: (job: Job | null) => void): void {
    this.#watchers.add(watcher);
  }

  /** Selects a file, and brings it into sight unless it was not asked for. */
  select(job: Job | null, { reveal = true } = {}): void {
    if (job === this.#selected) return;
    this.#selected = job;
    if (job && reveal) this.#reveal(job);
    for (const row of this.#rows.values()) row.element.setAttribute('aria-selected', String(row.job === job));
    this.#pointOut();
    this.#refresh();
    this.#watchers.tell(job);
  }

  /** The file that is shown after the ones that go, or else before them. */
  neighbour(gone: ReadonlySet<Job>): Job | null {
    this.#arrange();
    const at = this.#selected ? this.#shown.indexOf(this.#selected) : -1;
    const stays = (job: Job): boolean => !gone.has(job);
    return this.#shown.slice(at + 1).find(stays) ?? this.#shown.slice(0, Math.max(0, at)).reverse().find(stays) ?? null;
  }

  /** Files in sight. */
  get seen(): Job[] {
    const [first, last] = this.#inSight(0);
    return this.#shown.slice(first, last);
  }

  /** Takes the focus. */
  focus(): void {
    this.#grid.focus();
  }

  #sort(key: Key): void {
    this.#order = next(this.#order, key);
    for (const head of this.#heads) {
      const order = head.dataset['key'] === this.#order?.key ? this.#order : null;
      head.setAttribute('aria-sort', order ? (order.descending ? 'descending' : 'ascending') : 'none');
    }
    this.#stale = true;
    this.#grid.scrollTop = 0;
    this.#refresh();
  }

  #arrange(): void {
    if (!this.#stale) return;
    this.#stale = false;
    this.#shown = sorted(this.#jobs, this.#order);
    this.#grid.setAttribute('aria-rowcount', String(this.#shown.length + 1));
  }

  /** The first row in sight, with some beyond, and the one after the last. */
  #inSight(beyond: number): [number, number] {
    const { scrollTop, clientHeight } = this.#grid;
    const first = Math.max(0, Math.floor(scrollTop / this.#height) - beyond);
    return [first, Math.min(this.#shown.length, Math.ceil((scrollTop + clientHeight) / this.#height) + beyond)];
  }

  #show(): void {
    this.#arrange();
    const [first, last] = this.#inSight(BEYOND);
    const wanted = this.#shown.slice(first, last);
    const kept = new Set(wanted);
    for (const [job, row] of this.#rows) {
      if (kept.has(job)) continue;
      this.#rows.delete(job);
      row.element.remove();
      this.#spare.push(row);
    }
    // What stays in sight is not moved in the document, so that a step costs what comes into sight.
    let place = this.#body.firstElementChild;
    for (const [index, job] of wanted.entries()) {
      let row = this.#rows.get(job);
      const isNew = row === undefined;
      if (row === undefined) {
        row = this.#spare.pop() ?? new Row(this.#template, this.#thumbnail);
        this.#rows.set(job, row);
      }
      if (row.element === place) place = place.nextElementSibling;
      else this.#body.insertBefore(row.element, place);
      if (isNew || this.#dirty.has(job)) row.show(job, first + index, job === this.#selected);
      else row.element.setAttribute('aria-rowindex', String(first + index + 2));
    }
    this.#dirty.clear();
    this.#body.style.paddingTop = `${first * this.#height}px`;
    this.#body.style.height = `${this.#shown.length * this.#height}px`;
    this.#pointOut();
    if (!this.#isMeasured) this.#measure();
  }

  /** Those who hear the page are told which row is meant while it is in the document. */
  #pointOut(): void {
    const row = this.#selected && this.#rows.get(this.#selected);
    if (row) this.#grid.setAttribute('aria-activedescendant', row.element.id);
    else this.#grid.removeAttribute('aria-activedescendant');
  }

  /** Takes the height of rows from one of them: letters and windows differ. */
  #measure(): void {
    const height = this.#body.querySelector<HTMLElement>('.row')?.offsetHeight ?? 0;
    this.#isMeasured = height > 0;
    if (height === 0 || height === this.#height) return;
    this.#height = height;
    this.#refresh();
  }

  #reveal(job: Job): void {
    this.#arrange();
    const top = this.#shown.indexOf(job) * this.#height;
    const { scrollTop, clientHeight } = this.#grid;
    const heads = this.#body.offsetTop;
    if (top < scrollTop) this.#grid.scrollTop = top;
    else if (top + this.#height + heads > scrollTop + clientHeight) this.#grid.scrollTop = top + this.#height + heads - clientHeight;
  }

  #press(event: KeyboardEvent): void {
    if (event.target !== this.#grid || event.ctrlKey || event.altKey || event.metaKey) return;
    this.#arrange();
    const last = this.#shown.length - 1;
    if (last < 0) return;
    const at = this.#selected ? this.#shown.indexOf(this.#selected) : -1;
    const page = Math.max(1, Math.floor(this.#grid.clientHeight / this.#height) - 2);
    const steps: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: last,
    };
    const step = steps[event.key] ?? (event.key.length === 1 ? this.#type(event.key, at) : undefined);
    if (step === undefined) return;
    event.preventDefault();
    this.select(this.#shown[Math.min(last, Math.max(0, step))]!);
  }

  /** Finds the next file whose name begins with what is typed. */
  #type(key: string, at: number): number | undefined {
    const now = performance.now();
    const isGoingOn = now - this.#typedAt < TYPING;
    this.#typed = (isGoingOn ? this.#typed : '') + key.toLowerCase();
    this.#typedAt = now;
    const count = this.#shown.length;
    // The first letter leads on from the selected file, more letters may mean this one.
    const from = Math.max(0, at) + (isGoingOn ? 0 : 1);
    for (let step = 0; step < count; step++) {
      const index = (from + step) % count;
      if (this.#shown[index]!.file.name.toLowerCase().startsWith(this.#typed)) return index;
    }
    return undefined;
  }
}
