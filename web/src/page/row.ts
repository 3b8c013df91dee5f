// A row of the list: one line about a file. A row that is scrolled out of sight shows another file next.

import * as fmt from './fmt.js';
import type { Job } from './job.js';

/** A small grey picture of a file, if there is one yet. */
export type Thumbnail = (job: Job) => ImageData | null;

/** Words that begin with a capital. */
function sentence(words: string | null | undefined): string {
  return words ? `${words[0]!.toUpperCase()}${words.slice(1)}` : '';
}

/** What is said of a file in a few words. */
export function stateWords(job: Job): string {
  const { state } = job;
  switch (state.is) {
    case 'inspecting':
      return 'Reading its header';
    case 'checking':
      return 'Comparing with the record';
    case 'before':
      return job.isLost ? 'Done before, picture lost' : 'Done before';
    case 'waiting':
      return (job.expectsLoss && sentence(job.prediction?.lost_words)) || 'Waiting';
    case 'running':
      return state.total === 0 ? 'Starting' : fmt.percent(state.done / state.total);
    case 'cancelled':
      return 'Cancelled';
    case 'failed':
      return 'Failed';
    case 'finished':
      return job.isLost ? 'Picture lost' : 'Finished';
    case 'moved':
      return job.isLost ? 'Picture lost' : `Saved in ${state.folder}`;
  }
}

/** What its header says, in short. */
export function factsOf({ inspection }: Job): string {
  if (!inspection) return '';
  const short = inspection.facts.filter(([name]) => name === 'Contents' || name === 'Pixel size');
  return [...short.map(([, fact]) => fact), inspection.info.type].join(', ');
}

/** What is wrong with it, or else what its header says. */
function lineOf(job: Job): string {
  if (job.state.is === 'failed') return `Failed: ${job.state.problem}`;
  return job.doubtWords ?? factsOf(job);
}

/** Whether what it would become is still to come. */
function isExpected({ state }: Job): boolean {
  return state.is === 'waiting' || state.is === 'running';
}

/** A figure with its unit, and what is said before it. */
function parts(words: string): string[] {
  const [, before, figure] = /^(.*\D) (\d.*)$/.exec(words) ?? [];
  return before !== undefined && figure !== undefined ? [before, figure] : words === '' ? [] : [words];
}

export class Row {
  readonly element: HTMLElement;
  readonly #name: HTMLElement;
  readonly #line: HTMLElement;
  readonly #state: HTMLElement;
  readonly #progress: HTMLProgressElement;
  readonly #mark: HTMLElement;
  readonly #before: HTMLElement;
  readonly #after: HTMLElement;
  readonly #kept: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #thumbnail: Thumbnail;
  #drawn: ImageData | null = null;
  #job: Job | null = null;

  constructor(template: HTMLTemplateElement, thumbnail: Thumbnail) {
    const content = template.content.cloneNode(true) as DocumentFragment;
    const part = <E extends HTMLElement>(name: string): E => content.querySelector<E>(`.${name}`)!;
    this.element = part('row');
    this.#name = part('name');
    this.#line = part('line');
    this.#state = part('state');
    this.#progress = part('progress');
    this.#mark = part('mark');
    this.#before = part('before');
    this.#after = part('after');
    this.#kept = part('kept');
    this.#canvas = part('thumbnail');
    this.#thumbnail = thumbnail;
  }

  /** The file that is shown. */
  get job(): Job | null {
    return this.#job;
  }

  /** Shows a file, at its place in the list. */
  show(job: Job, index: number, isSelected: boolean): void {
    const { element } = this;
    if (this.#job !== job) {
      this.#job = job;
      element.id = `file-${job.number}`;
      this.#name.textContent = fmt.shown(job.file.name);
      this.#name.title = fmt.shown(job.folder + job.file.name);
      this.#progress.setAttribute('aria-label', `Progress of ${fmt.shown(job.file.name)}`);
    }
    // The heads are the first row.
    element.setAttribute('aria-rowindex', String(index + 2));
    element.setAttribute('aria-selected', String(isSelected));
    this.refresh();
  }

  /** Shows what has become of its file. */
  refresh(): void {
    const job = this.#job;
    if (!job) return;
    const { state, prediction } = job;
    const { dataset } = this.element;
    dataset['state'] = state.is;
    dataset['lost'] = String(job.isLost || job.expectsLoss);
    dataset['doubtful'] = String(job.doubt !== null);
    this.#line.textContent = fmt.shown(lineOf(job));
    this.#state.textContent = fmt.shown(stateWords(job));
    this.#progress.hidden = state.is !== 'running';
    if (state.is === 'running' && state.total > 0) this.#progress.value = state.done / state.total;
    else this.#progress.removeAttribute('value');
    const { warnings } = job.remarks;
    this.#mark.textContent = warnings.length === 0 ? '' : warnings.length === 1 ? '1 warning' : `${warnings.length} warnings`;
    this.#mark.title = fmt.several(warnings).join('\n');
    this.#size(job);
    const made = job.made?.report;
    const kept = made ? ('kept' in made ? made.kept : null) : isExpected(job) ? prediction?.kept : null;
    this.#say(this.#kept, ...parts(kept ?? ''));
    this.#kept.classList.toggle('expected', !made);
    this.#draw(this.#thumbnail(job));
    // For those who test the page.
    if (state.is === 'finished' && job.place) dataset['output'] = `${job.place.folder}/${job.place.name}`;
    else delete dataset['output'];
    if (job.made) dataset['memory'] = String(job.made.memoryBytes);
  }

  #size(job: Job): void {
    const { file, made, prediction } = job;
    this.#before.textContent = fmt.bytes(file.size);
    const after = made?.report.output_bytes ?? null;
    const size = isExpected(job) ? prediction?.size : null;
    if (after !== null) this.#say(this.#after, fmt.bytes(after), `(${fmt.ratio(file.size, after)})`);
    else this.#say(this.#after, ...parts(size ?? ''));
    this.#after.classList.toggle('expected', after === null);
  }

  /** Says something in lines where there is little room: a number and its unit stay together. */
  #say(cell: HTMLElement, ...words: string[]): void {
    if (cell.textContent === words.join(' ')) return;
    const spans = words.flatMap((text, index) => {
      const span = document.createElement('span');
      span.textContent = text;
      return index === 0 ? [span] : [' ', span];
    });
    cell.replaceChildren(...spans);
  }

  #draw(image: ImageData | null): void {
    if (this.#drawn === image) return;
    this.#drawn = image;
    // Setting a canvas's width clears it.
    this.#canvas.width = image?.width ?? 1;
    this.#canvas.height = image?.height ?? 1;
    if (image) this.#canvas.getContext('2d')?.putImageData(image, 0, 0);
  }
}
