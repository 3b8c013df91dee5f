// A row of the list: what is known of a file, and what can be done with it.

import * as fmt from './fmt.js';
import type { Job } from './job.js';
import { canBeVerified } from './proofs.js';

/** What a row's buttons do. */
export interface Actions {
  cancel(job: Job): void;
  again(job: Job): void;
  verify(job: Job): void;
  remove(job: Job): void;
  /** The browser was told to save the output. */
  saved(job: Job): void;
}

export class Row {
  readonly element: HTMLLIElement;
  readonly #job: Job;
  readonly #facts: HTMLElement;
  readonly #details: HTMLDetailsElement;
  readonly #progress: HTMLProgressElement;
  readonly #line: HTMLElement;
  readonly #warnings: HTMLUListElement;
  readonly #save: HTMLAnchorElement;
  readonly #cancel: HTMLButtonElement;
  readonly #again: HTMLButtonElement;
  readonly #verify: HTMLButtonElement;
  readonly #remove: HTMLButtonElement;
  /** The address of the output, while there is one. */
  #address: string | null = null;

  constructor(template: HTMLTemplateElement, job: Job, actions: Actions) {
    this.#job = job;
    const content = template.content.cloneNode(true) as DocumentFragment;
    const part = <E extends HTMLElement>(name: string): E => content.querySelector<E>(`.${name}`)!;
    this.element = content.querySelector('li')!;
    this.#facts = part('facts');
    this.#details = part('details');
    this.#progress = part('progress');
    this.#line = part('line');
    this.#warnings = part('warnings');
    this.#save = part('save');
    this.#cancel = part('cancel');
    this.#again = part('again');
    this.#verify = part('verify');
    this.#remove = part('remove');
    const name = fmt.shown(job.file.name);
    part('name').textContent = name;
    this.#progress.setAttribute('aria-label', `Progress of ${name}`);
    part('of').textContent = ` of ${name}`;
    this.#save.addEventListener('click', () => {
      if (job.state.is === 'finished') actions.saved(job);
    });
    this.#cancel.setAttribute('aria-label', `Cancel ${name}`);
    this.#verify.setAttribute('aria-label', `Verify ${name}`);
    this.#remove.setAttribute('aria-label', `Remove ${name}`);
    this.#cancel.addEventListener('click', () => actions.cancel(job));
    this.#again.addEventListener('click', () => actions.again(job));
    this.#verify.addEventListener('click', () => actions.verify(job));
    this.#remove.addEventListener('click', () => actions.remove(job));
    job.watch(() => this.#show());
    job.watchProof(() => this.#show());
    this.#show();
  }

  /** Releases the output. */
  close(): void {
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = null;
    this.element.remove();
  }

  #show(): void {
    const { file, inspection, isOpen, state } = this.#job;
    const info = inspection?.info;
    const focused = this.element.contains(document.activeElement);
    this.element.dataset['state'] = state.is;
    const facts = [fmt.bytes(file.size)];
    if (inspection && info) {
      const short = inspection.facts.filter(([name]) => name === 'Contents' || name === 'Pixel size');
      facts.unshift(...short.map(([, fact]) => fact), info.type);
      if (this.#details.hidden) this.#describe(inspection.facts);
    }
    this.#facts.textContent = facts.join(', ');
    this.#progress.hidden = state.is !== 'running';
    this.#cancel.hidden = !isOpen;
    this.#again.hidden = !this.#cancel.hidden;
    this.#verify.hidden = !canBeVerified(this.#job);
    const verb = state.is === 'failed' || state.is === 'cancelled' ? 'Retry' : 'Again';
    this.#again.textContent = verb;
    this.#again.setAttribute('aria-label', `${verb} ${fmt.shown(file.name)}`);
    this.#line.textContent = this.#words();
    const told = state.is === 'finished' || state.is === 'moved' ? state.made.report : (info ?? { warnings: [], notes: [] });
    this.#warn({ warnings: [...told.warnings, ...this.#doubts()], notes: told.notes });
    this.#offer();
    // The button that had the focus may be gone.
    if (focused && !document.activeElement?.checkVisibility()) {
      (this.#save.hidden ? this.#remove : this.#save).focus();
    }
  }

  #words(): string {
    const { file, state } = this.#job;
    switch (state.is) {
      case 'inspecting':
        return 'Reading its header';
      case 'checking':
        return 'Comparing it with the record';
      case 'before':
        return `${state.words[0]!.toUpperCase()}${state.words.slice(1)}: a record names its name, size, SHA-256 and these settings. Again does it all the same`;
      case 'waiting':
        return 'Waiting';
      case 'running':
        return this.#pace(state);
      case 'cancelled':
        return 'Cancelled';
      case 'failed':
        return `Failed: ${state.problem}`;
      case 'finished':
      case 'moved': {
        const { made } = state;
        const parts = [
          fmt.sizes(file.size, made.report.output_bytes),
          made.report.words,
          `${made.seconds.toFixed(1)} s, ${fmt.speed(file.size, made.seconds)}`,
          state.is === 'moved' ? `saved as ${state.path} in ${state.folder}` : null,
          this.#proof(),
        ];
        return parts.filter((part) => part !== null).join('; ');
      }
    }
  }

  #proof(): string | null {
    const { proof } = this.#job;
    if (proof?.is === 'running') return `verifying, ${Math.floor(100 * proof.share)} %`;
    return proof?.is === 'sound' ? `verified: ${proof.verification.words}` : null;
  }

  /** What checking the output says against it. */
  #doubts(): string[] {
    const { proof } = this.#job;
    if (proof?.is === 'failed') return [`the output did not pass: ${proof.problem}`];
    return proof?.is === 'sound' ? proof.verification.warnings : [];
  }

  #describe(facts: [string, string][]): void {
    const list = this.#details.querySelector('dl')!;
    for (const [name, value] of facts) {
      const [term, definition] = [document.createElement('dt'), document.createElement('dd')];
      term.textContent = name;
      definition.textContent = value;
      list.append(term, definition);
    }
    this.#details.hidden = false;
  }

  #pace({ since, done, total }: { since: number; done: number; total: number }): string {
    if (total === 0) {
      this.#progress.removeAttribute('value');
      return 'Starting';
    }
    const share = done / total;
    this.#progress.value = share;
    const seconds = (performance.now() - since) / 1000;
    const left = (seconds * (1 - share)) / share;
    return `${Math.floor(100 * share)} %, ${fmt.speed(this.#job.file.size * share, seconds)}, ${fmt.duration(left)} left`;
  }

  #warn({ warnings, notes }: { warnings: string[]; notes: string[] }): void {
    const item = (label: string, words: string): HTMLLIElement => {
      const found = document.createElement('li');
      found.textContent = `${label}: ${words}`;
      found.classList.toggle('noted', label === 'Note');
      return found;
    };
    const items = [...warnings.map((words) => item('Warning', words)), ...notes.map((words) => item('Note', words))];
    this.#warnings.replaceChildren(...items);
    this.#warnings.hidden = items.length === 0;
  }

  /** The link that saves the output exists only while there is one. */
  #offer(): void {
    const { state, outputName, place } = this.#job;
    const finished = state.is === 'finished';
    if (finished === (this.#address !== null)) return;
    this.#save.hidden = !finished;
    if (finished) {
      this.#address = URL.createObjectURL(state.output);
      this.#save.href = this.#address;
      this.#save.download = outputName;
      this.#save.setAttribute('aria-label', `Save ${outputName}`);
      // For those who test the page.
      if (place) this.element.dataset['output'] = `${place.folder}/${place.name}`;
      this.element.dataset['memory'] = String(state.made.memoryBytes);
    } else {
      if (this.#address) URL.revokeObjectURL(this.#address);
      this.#address = null;
      this.#save.removeAttribute('href');
      this.#save.removeAttribute('download');
      delete this.element.dataset['output'];
    }
  }
}
