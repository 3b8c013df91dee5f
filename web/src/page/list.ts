// The list of files: their rows, their totals, and what can be done with all of them.

import * as fmt from './fmt.js';
import type { Found } from './found.js';
import { oncePerFrame } from './frame.js';
import type { Job } from './job.js';
import type { Notices } from './notices.js';
import type { Queue } from './queue.js';
import { Row, type Actions } from './row.js';
import type { Proofs } from './proofs.js';
import type { Settings } from './settings.js';

/** What the list needs of the page. */
export interface Surroundings {
  queue: Queue;
  settings: Settings;
  /** Checks outputs. */
  proofs: Proofs;
  notices: Notices;
  /** Of a row. */
  template: HTMLTemplateElement;
  /** Takes the focus when the last row goes. */
  whenEmpty: HTMLElement;
}

export class List {
  readonly #surroundings: Surroundings;
  readonly #rows = new Map<Job, Row>();
  readonly #refresh = oncePerFrame(() => this.#show());
  readonly #totals: HTMLElement;
  readonly #warned: HTMLElement;
  readonly #work: HTMLElement;
  readonly #files: HTMLElement;
  readonly #start: HTMLButtonElement;
  readonly #cancelAll: HTMLButtonElement;
  readonly #removeFinished: HTMLButtonElement;

  constructor(section: HTMLElement, surroundings: Surroundings) {
    this.#surroundings = surroundings;
    const part = <E extends HTMLElement>(selector: string): E => section.querySelector<E>(selector)!;
    this.#totals = part('#totals');
    this.#warned = part('#warned');
    this.#work = part('#work');
    this.#files = part('#files');
    this.#start = part('#start');
    this.#cancelAll = part('#cancel-all');
    this.#removeFinished = part('#remove-finished');
    const { queue, settings } = surroundings;
    this.#start.addEventListener('click', () => {
      queue.start();
      this.#refresh();
    });
    this.#cancelAll.addEventListener('click', () => queue.cancelAll());
    this.#removeFinished.addEventListener('click', () => {
      for (const job of [...queue.jobs]) {
        if (job.state.is === 'finished' || job.state.is === 'moved') this.#remove(job);
      }
    });
    queue.watch({ changed: (job) => this.#follow(job), removed: this.#refresh });
    settings.watch(this.#refresh);
  }

  /** Takes files in. */
  add(found: Found[]): void {
    const { queue, notices, proofs, template } = this.#surroundings;
    // Fewer than files, where one is what another waits for.
    const jobs = queue.add(found);
    const actions: Actions = {
      cancel: (job) => queue.cancel(job),
      again: (job) => void queue.again(job),
      verify: (job) => void proofs.verify(job),
      remove: (job) => this.#remove(job),
      saved: (job) => this.#saved(job),
    };
    for (const job of jobs) {
      const row = new Row(template, job, actions);
      this.#rows.set(job, row);
      this.#files.append(row.element);
    }
    notices.say(`${fmt.files(found.length)} added`);
  }

  #remove(job: Job): void {
    const row = this.#rows.get(job);
    if (!row) return;
    // The focus goes to the row that takes this one's place.
    const next = row.element.nextElementSibling ?? row.element.previousElementSibling;
    this.#rows.delete(job);
    row.close();
    void this.#surroundings.queue.remove(job);
    (next?.querySelector<HTMLElement>('.remove') ?? this.#surroundings.whenEmpty).focus();
  }

  /** The browser saves what is there; what is not is told. */
  #saved(job: Job): void {
    if (job.state.is === 'finished') job.handOver(job.state.output.size);
    void this.#surroundings.queue.holds(job);
  }

  #follow({ state, file }: Job): void {
    const { notices } = this.#surroundings;
    const name = fmt.shown(file.name);
    if (state.is === 'finished') notices.say([`${name} is finished`, ...state.made.report.warnings].join('. Warning: '));
    if (state.is === 'failed') notices.say(`${name} failed: ${state.problem}`);
    // The totals tell nothing of how far a file is.
    if (state.is !== 'running' || state.total === 0) this.#refresh();
  }

  #show(): void {
    const { queue, settings } = this.#surroundings;
    const { jobs } = queue;
    const idle = jobs.some(({ state }) => state.is === 'waiting');
    const done = jobs.some(({ state }) => state.is === 'finished' || state.is === 'moved');
    this.#totals.textContent = fmt.totals(jobs);
    this.#warned.textContent = fmt.warned(jobs);
    this.#work.hidden = jobs.length === 0;
    this.#start.hidden = queue.startsAtOnce || !idle;
    this.#start.disabled = settings.choice === null;
    this.#cancelAll.disabled = !jobs.some(({ isOpen }) => isOpen);
    this.#removeFinished.disabled = !done;
  }
}
