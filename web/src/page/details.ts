// All that is known of the selected file, and what can be done with it.

import * as fmt from './fmt.js';
import { oncePerFrame } from './frame.js';
import type { Job } from './job.js';
import { canBeVerified } from './proofs.js';
import { items } from './look/facts.js';
import { factsOf, stateWords } from './row.js';

// The browser takes hold of an output a moment after it was told to save it, in milliseconds.
const TAKEN_AFTER = 60_000;

/** What the buttons do. */
export interface Actions {
  cancel(job: Job): void;
  again(job: Job): void;
  verify(job: Job): void;
  remove(job: Job): void;
  /** The browser was told to save the output. */
  saved(job: Job): void;
}

export class Details {
  readonly #panel: HTMLElement;
  readonly #name: HTMLElement;
  readonly #short: HTMLElement;
  readonly #line: HTMLElement;
  readonly #warnings: HTMLUListElement;
  readonly #facts: HTMLElement;
  readonly #save: HTMLAnchorElement;
  readonly #cancel: HTMLButtonElement;
  readonly #again: HTMLButtonElement;
  readonly #verify: HTMLButtonElement;
  readonly #remove: HTMLButtonElement;
  readonly #refresh = oncePerFrame(() => this.#show());
  #job: Job | null = null;
  /** The output that can be saved, and its address. */
  #offered: { output: File; address: string } | null = null;
  /** The facts that are shown, so that they are written once. */
  #described = '';

  constructor(panel: HTMLElement, actions: Actions) {
    this.#panel = panel;
    const part = <E extends HTMLElement>(name: string): E => panel.querySelector<E>(`.${name}`)!;
    this.#name = part('name');
    this.#short = part('short');
    this.#line = part('line');
    this.#warnings = part('warnings');
    this.#facts = part('facts');
    this.#save = part('save');
    this.#cancel = part('cancel');
    this.#again = part('again');
    this.#verify = part('verify');
    this.#remove = part('remove');
    const onClick = (button: HTMLElement, act: (job: Job) => void): void =>
      button.addEventListener('click', () => this.#job && act(this.#job));
    onClick(this.#save, actions.saved);
    onClick(this.#cancel, actions.cancel);
    onClick(this.#again, actions.again);
    onClick(this.#verify, actions.verify);
    onClick(this.#remove, actions.remove);
    this.#show();
  }

  /** Shows another file, or none. */
  select(job: Job | null): void {
    this.#job = job;
    this.#show();
  }

  /** Shows what has become of a file, if it is this one. */
  changed(job: Job): void {
    if (job === this.#job) this.#refresh();
  }

  /** Takes the focus, to the first thing that can be done. */
  focus(): void {
    [this.#save, this.#cancel, this.#again].find((each) => each.checkVisibility())?.focus();
  }

  #show(): void {
    const job = this.#job;
    this.#panel.hidden = job === null;
    this.#offer(job);
    if (!job) return;
    const { inspection, isOpen, state } = job;
    const name = fmt.shown(job.file.name);
    const focused = this.#panel.contains(document.activeElement);
    this.#panel.dataset['state'] = state.is;
    this.#panel.dataset['lost'] = String(job.isLost);
    this.#panel.dataset['expected'] = job.expectsLoss ? 'lost' : job.doubt === null ? 'fine' : 'doubtful';
    this.#name.textContent = name;
    this.#short.textContent = [fmt.shown(factsOf(job)), fmt.bytes(job.file.size)].filter(Boolean).join(', ');
    this.#line.textContent = fmt.shown(wordsOf(job));
    this.#cancel.hidden = !isOpen;
    this.#cancel.setAttribute('aria-label', `Cancel ${name}`);
    const verb = state.is === 'waiting' ? 'Only this one' : job.made || state.is === 'before' ? 'Again' : 'Retry';
    this.#again.hidden = state.is === 'running' || state.is === 'inspecting' || state.is === 'checking';
    this.#again.textContent = verb;
    this.#again.setAttribute('aria-label', `${verb} ${name}`);
    this.#verify.hidden = !canBeVerified(job);
    this.#verify.setAttribute('aria-label', `Verify ${name}`);
    this.#remove.setAttribute('aria-label', `Remove ${name}`);
    this.#warn(job.remarks);
    const sum: [string, string][] = job.proof?.is === 'sound' && job.proof.sha256 ? [['SHA-256', `${job.proof.sha256}, of the output`]] : [];
    this.#describe([...(inspection?.facts ?? []), ...sum]);
    // The button that had the focus may be gone.
    if (focused && !document.activeElement?.checkVisibility()) (this.#save.hidden ? this.#remove : this.#save).focus();
  }

  #describe(facts: [string, string][]): void {
    const described = JSON.stringify(facts);
    if (described === this.#described) return;
    this.#described = described;
    this.#facts.replaceChildren(...items(facts));
    this.#facts.hidden = facts.length === 0;
  }

  #warn({ warnings, notes }: { warnings: string[]; notes: string[] }): void {
    const item = (label: string, words: string): HTMLLIElement => {
      const found = document.createElement('li');
      found.textContent = `${label}: ${words}`;
      found.classList.toggle('noted', label === 'Note');
      return found;
    };
    const items = [
      ...fmt.several(warnings).map((words) => item('Warning', words)),
      ...fmt.several(notes).map((words) => item('Note', words)),
    ];
    this.#warnings.replaceChildren(...items);
    this.#warnings.hidden = items.length === 0;
  }

  /** The link that saves the output exists only while there is one. */
  #offer(job: Job | null): void {
    const output = job?.state.is === 'finished' ? job.state.output : null;
    if (output === (this.#offered?.output ?? null)) return;
    const before = this.#offered?.address;
    // It may just have been clicked.
    if (before) setTimeout(() => URL.revokeObjectURL(before), TAKEN_AFTER);
    this.#offered = output && { output, address: URL.createObjectURL(output) };
    this.#save.hidden = output === null;
    if (this.#offered && job) {
      this.#save.href = this.#offered.address;
      this.#save.download = job.outputName;
      this.#save.setAttribute('aria-label', `Save ${fmt.shown(job.outputName)}`);
    } else {
      this.#save.removeAttribute('href');
      this.#save.removeAttribute('download');
    }
  }
}

/** What becomes of a file, or what was made of it. */
function wordsOf(job: Job): string {
  const { file, state, prediction } = job;
  switch (state.is) {
    case 'running':
      return state.total === 0 ? 'Starting' : pace(job, state);
    case 'failed':
      return `Failed: ${state.problem}`;
    case 'before':
      return `${state.proof.words[0]!.toUpperCase()}${state.proof.words.slice(1)}: a record names its name, size, SHA-256 and these settings. Again does it all the same`;
    case 'waiting':
      if (job.doubtWords !== null) return `Waiting; ${job.doubtWords[0]!.toLowerCase()}${job.doubtWords.slice(1)}`;
      return prediction?.words ? `Waiting; expected: ${prediction.words}` : 'Waiting';
    case 'finished':
    case 'moved': {
      const { made } = state;
      const parts = [
        made.way === 'compress' ? made.report.sizes : fmt.sizes(file.size, made.report.output_bytes),
        made.report.words,
        made.way === 'compress' ? made.report.growth : null,
        `${made.seconds.toFixed(1)} s, ${fmt.speed(file.size, made.seconds)}`,
        state.is === 'moved' ? `saved as ${state.path} in ${state.folder}` : null,
        proofWords(job),
      ];
      return parts.filter((part) => part !== null).join('; ');
    }
    default:
      return stateWords(job);
  }
}

/** How far the check of an output is, or what it has found. */
function proofWords({ proof }: Job): string | null {
  if (proof?.is === 'running') return `verifying, ${fmt.percent(proof.share)}`;
  return proof?.is === 'sound' ? `verified: ${proof.verification.words}` : null;
}

/** 37 %, 120 MB/s, 3 s left */
function pace({ file }: Job, { since, done, total }: { since: number; done: number; total: number }): string {
  const share = done / total;
  const seconds = (performance.now() - since) / 1000;
  const left = share > 0 ? `, ${fmt.duration((seconds * (1 - share)) / share)} left` : '';
  return `${fmt.percent(share)}, ${fmt.speed(file.size * share, seconds)}${left}`;
}
