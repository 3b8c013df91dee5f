// The list of files: the table, its totals, and what can be done with one file or with all of them.

import type { Background } from './background.js';
import { Details } from './details.js';
import * as fmt from './fmt.js';
import { Forecast } from './forecast.js';
import type { Found } from './found.js';
import { oncePerFrame } from './frame.js';
import type { Job } from './job.js';
import type { Notices } from './notices.js';
import type { Queue } from './queue.js';
import type { Proofs } from './proofs.js';
import type { Settings } from './settings.js';
import { Table } from './table.js';
import { Thumbnails } from './thumbnails.js';

/** What the list needs of the page. */
export interface Surroundings {
  queue: Queue;
  settings: Settings;
  /** Checks outputs. */
  proofs: Proofs;
  notices: Notices;
  background: Background;
  /** Of a row. */
  template: HTMLTemplateElement;
  /** Where the selected file is described. */
  details: HTMLElement;
  /** Takes the focus when the last row goes. */
  whenEmpty: HTMLElement;
}

export class List {
  readonly #surroundings: Surroundings;
  readonly #table: Table;
  readonly #details: Details;
  readonly #thumbnails: Thumbnails;
  readonly #refresh = oncePerFrame(() => this.#show());
  readonly #work: HTMLElement;
  readonly #start: HTMLButtonElement;
  readonly #againAll: HTMLButtonElement;
  readonly #cancelAll: HTMLButtonElement;
  readonly #removeDone: HTMLButtonElement;
  /** What was said of a file last, so that it is said once. */
  readonly #said = new WeakMap<Job, Job['state']>();

  constructor(section: HTMLElement, surroundings: Surroundings) {
    this.#surroundings = surroundings;
    const { queue, settings, proofs, background } = surroundings;
    const part = <E extends HTMLElement>(selector: string): E => section.querySelector<E>(selector)!;
    this.#work = part('#work');
    this.#start = part('#start');
    this.#againAll = part('#again-all');
    this.#cancelAll = part('#cancel-all');
    this.#removeDone = part('#remove-done');
    this.#table = new Table(part('#files'), surroundings.template, (job) => this.#thumbnails.of(job));
    this.#details = new Details(surroundings.details, {
      cancel: (job) => queue.cancel(job),
      again: (job) => queue.again(job),
      verify: (job) => void proofs.verify(job),
      remove: (job) => this.#remove([job]),
      saved: (job) => this.#saved(job),
    });
    this.#table.watchSelection((job) => this.#details.select(job));
    part('#files').addEventListener('keydown', (event) => this.#press(event));
    surroundings.details.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.#table.focus();
    });
    this.#thumbnails = new Thumbnails(() => this.#table.seen, (job) => this.#table.changed(job));
    const forecast = new Forecast(queue, settings, () => this.#table.seen);
    background.add((late) => this.#thumbnails.next(late));
    background.add((late) => forecast.next(late));
    part('#files').addEventListener('scroll', () => background.wake(), { passive: true });
    this.#start.addEventListener('click', () => {
      queue.start();
      this.#refresh();
    });
    this.#againAll.addEventListener('click', () => queue.againAll());
    this.#cancelAll.addEventListener('click', () => queue.cancelAll());
    this.#removeDone.addEventListener('click', () => this.#remove(queue.jobs.filter(({ isOpen }) => !isOpen)));
    queue.watch({ changed: (job) => this.#follow(job), removed: this.#refresh });
    settings.watch(this.#refresh);
  }

  /** The file that is selected; the first one when nobody has chosen. */
  get selected(): Job | null {
    return this.#table.selected;
  }

  /** Calls back whenever another file is selected, and with null when none is left. */
  watchSelection(watcher: (job: Job | null) => void): void {
    this.#table.watchSelection(watcher);
  }

  /** Takes files in. */
  add(found: Found[]): void {
    const { queue, notices } = this.#surroundings;
    // Fewer than files, where one is what another waits for.
    const jobs = queue.add(found);
    document.body.classList.add('filled');
    this.#work.hidden = false;
    this.#table.jobs = queue.jobs;
    this.#table.select(this.selected ?? jobs[0] ?? null, { reveal: false });
    notices.say(`${fmt.files(found.length)} added`);
  }

  #remove(jobs: readonly Job[]): void {
    const { queue, whenEmpty } = this.#surroundings;
    if (jobs.length === 0) return;
    const gone = new Set(jobs);
    const selected = this.selected;
    const next = selected && !gone.has(selected) ? selected : this.#table.neighbour(gone);
    this.#thumbnails.forget(jobs);
    void queue.remove(jobs);
    this.#table.jobs = queue.jobs;
    this.#table.select(next);
    this.#work.hidden = queue.jobs.length === 0;
    document.body.classList.toggle('filled', queue.jobs.length > 0);
    if (queue.jobs.length === 0) whenEmpty.focus();
    else this.#table.focus();
  }

  /** The browser saves what is there; what is not is told. */
  #saved(job: Job): void {
    if (job.state.is === 'finished') job.handOver(job.state.output.size);
    void this.#surroundings.queue.holds(job);
  }

  #press(event: KeyboardEvent): void {
    if (event.target !== event.currentTarget || !this.selected) return;
    if (event.key === 'Delete') this.#remove([this.selected]);
    else if (event.key === 'Enter') this.#details.focus();
    else return;
    event.preventDefault();
  }

  #follow(job: Job): void {
    this.#table.changed(job);
    this.#details.changed(job);
    if (this.#said.get(job) !== job.state) this.#say(job);
    // What can be done does not change with how far a file is.
    if (job.state.is !== 'running' || job.state.total === 0) this.#refresh();
  }

  #say(job: Job): void {
    const { notices } = this.#surroundings;
    const { state, made } = job;
    const name = fmt.shown(job.file.name);
    this.#said.set(job, state);
    if (state.is === 'finished') notices.say([`${name} is finished`, ...fmt.several(made?.report.warnings ?? [])].join('. Warning: '));
    if (state.is === 'failed') notices.say(`${name} failed: ${fmt.shown(state.problem)}`);
  }

  #show(): void {
    const { queue, settings, background } = this.#surroundings;
    const { tally } = queue;
    const isFree = tally.of('waiting', 'checking', 'inspecting') > 0 && !queue.startsAtOnce;
    this.#start.disabled = !isFree || settings.choice === null;
    this.#againAll.disabled = tally.done === 0 || tally.of('running') > 0 || settings.choice === null;
    this.#cancelAll.disabled = tally.open === 0;
    this.#removeDone.disabled = tally.done === 0;
    background.wake();
  }
}
