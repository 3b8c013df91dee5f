// What each number of bits costs: a table to choose from, and a slider to try.

import type { Plan, PlanRow } from '../../protocol.js';
import { oncePerFrame } from '../frame.js';

/** What the table tells the panel. */
export interface Surroundings {
  /** These bits are to be shown. */
  shown(bits: number): void;
  /** These bits, or auto, are to be used for the files. */
  choose(bits: string): void;
}

export class BitsTable {
  readonly #surroundings: Surroundings;
  readonly #table: HTMLTableElement;
  readonly #body: HTMLTableSectionElement;
  readonly #bar: HTMLElement;
  readonly #slider: HTMLInputElement;
  readonly #words: HTMLOutputElement;
  readonly #use: HTMLButtonElement;
  readonly #auto: HTMLButtonElement;
  readonly #state: HTMLElement;
  readonly #progress: HTMLProgressElement;
  readonly #verdict: HTMLElement;
  readonly #whole: HTMLElement;
  readonly #title: HTMLElement;
  /** Of the image that is planned, where there are several. */
  #image = '';
  #rows: PlanRow[] = [];
  /** What more bits would do, which the table has no rows of. */
  #beyond: PlanRow[] = [];
  #chosen = '';
  #bits: number | null = null;

  constructor(section: HTMLElement, surroundings: Surroundings) {
    this.#surroundings = surroundings;
    const part = <E extends HTMLElement>(selector: string): E => section.querySelector<E>(selector)!;
    this.#table = part('.look-bits table');
    this.#body = part('.look-bits tbody');
    this.#state = part('.look-bits .state');
    this.#progress = part('.look-bits progress');
    this.#verdict = part('.look-bits .verdict');
    this.#whole = part('.look-bits .whole');
    this.#title = part('#look-bits-title');
    this.#bar = part('.look-try');
    this.#slider = part('.look-try [name=try]');
    this.#words = part('.look-try output');
    this.#use = part('.look-try .use');
    this.#auto = part('.look-try .auto');
    const tell = oncePerFrame(() => {
      if (this.#bits !== null) surroundings.shown(this.#bits);
    });
    this.#slider.addEventListener('input', () => {
      this.#bits = this.#rows[this.#slider.valueAsNumber]?.bits ?? null;
      this.#mark();
      tell();
    });
    this.#use.addEventListener('click', () => this.#choose());
    this.#auto.addEventListener('click', () => surroundings.choose('auto'));
    this.#body.addEventListener('click', (event) => this.#take(event.target as HTMLElement));
    this.#body.addEventListener('keydown', (event) => this.#walk(event));
  }

  /** Says that the plan is being made, and how far it is. */
  wait(words: string, share: number | null = null): void {
    this.#clear();
    this.#state.textContent = words;
    this.#progress.hidden = false;
    if (share === null) this.#progress.removeAttribute('value');
    else this.#progress.value = share;
  }

  /** Says why there is no plan. */
  fail(words: string): void {
    this.#clear();
    this.#state.textContent = words;
    this.#state.classList.add('problem');
  }

  /** Shows a plan, or nothing. */
  show(plan: Plan | null): void {
    this.#clear();
    if (!plan) return;
    [this.#rows, this.#beyond] = [plan.rows, plan.beyond];
    this.#verdict.textContent = plan.words.trim().replace(/^\* /, '');
    this.#table.hidden = this.#bar.hidden = plan.rows.length === 0;
    this.#slider.max = String(Math.max(0, plan.rows.length - 1));
    this.#body.replaceChildren(...plan.rows.map(rowOf));
    this.#mark();
  }

  /** Says which image of a file it is about; nothing where that has one. */
  of(image: string): void {
    this.#image = image;
    this.#title.textContent = ['What each number of bits costs', image].filter(Boolean).join(', ');
  }

  /** Says what all images come to. */
  sum(lines: string[]): void {
    this.#whole.textContent = lines.length > 0 ? `The whole file: ${lines.join('; ')}` : '';
  }

  /** Marks what is shown, and what is chosen for the files. */
  mark(bits: number | null, chosen: string): void {
    this.#bits = bits;
    this.#chosen = chosen;
    this.#mark();
  }

  #clear(): void {
    this.#rows = this.#beyond = [];
    this.#body.replaceChildren();
    this.#table.hidden = this.#bar.hidden = this.#progress.hidden = true;
    this.#state.textContent = this.#verdict.textContent = this.#whole.textContent = '';
    this.#state.classList.remove('problem');
  }

  #mark(): void {
    const index = this.#rows.findIndex(({ bits }) => bits === this.#bits);
    const row = this.#rows[index] ?? this.#beyond.find(({ bits }) => bits === this.#bits);
    const focused = this.#body.contains(document.activeElement);
    for (const [at, element] of [...this.#body.rows].entries()) {
      const button = element.querySelector('button')!;
      element.classList.toggle('shown', at === index);
      button.setAttribute('aria-pressed', String(button.value === this.#chosen));
      // One of the buttons takes part in the order of Tab; arrows go to the others.
      if (!focused) button.tabIndex = at === Math.max(0, index) ? 0 : -1;
    }
    this.#auto.disabled = this.#chosen === 'auto';
    this.#auto.textContent = this.#chosen === 'auto' ? 'auto is used' : 'Use auto';
    this.#use.disabled = !row || String(row.bits) === this.#chosen;
    this.#use.textContent = row ? (this.#use.disabled ? `${row.bits} bits are used` : `Use ${row.bits} bits`) : 'Use these bits';
    if (!row) {
      this.#words.value = this.#bits === 0 ? 'Floats are used; the slider tries what bits would do' : '';
      this.#slider.removeAttribute('aria-valuetext');
      this.#words.classList.remove('lost');
      return;
    }
    this.#slider.valueAsNumber = index < 0 ? this.#rows.length - 1 : index;
    const size = row.size && this.#image ? `${row.size} for ${this.#image}` : row.size;
    const words = [`${row.bits} bits: step ${row.step}`, row.cost, size, row.chosen ? 'what auto takes' : ''].filter(Boolean).join(', ');
    this.#slider.setAttribute('aria-valuetext', words);
    this.#words.value = words;
    this.#words.classList.toggle('lost', row.lost);
  }

  #choose(): void {
    if (this.#bits !== null) this.#surroundings.choose(String(this.#bits));
  }

  #take(target: HTMLElement): void {
    const button = target.closest('tr')?.querySelector('button');
    if (button) this.#surroundings.choose(button.value);
  }

  /** Arrows, Home and End go through the rows; Enter is the button's own. */
  #walk(event: KeyboardEvent): void {
    const buttons = [...this.#body.querySelectorAll('button')];
    const at = buttons.indexOf(event.target as HTMLButtonElement);
    const targets: Record<string, number> = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: buttons.length - 1 };
    const next = buttons[targets[event.key] ?? -1];
    if (at < 0 || !next) return;
    event.preventDefault();
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next.focus();
  }
}

function rowOf({ bits, step, step_over_noise, loss, size, chosen, lost }: PlanRow): HTMLTableRowElement {
  const row = document.createElement('tr');
  const button = document.createElement('button');
  button.type = 'button';
  button.value = button.textContent = String(bits);
  button.setAttribute('aria-label', `Use ${bits} bits`);
  const head = document.createElement('th');
  head.scope = 'row';
  head.append(button);
  if (chosen) {
    const mark = document.createElement('span');
    mark.className = 'mark';
    mark.textContent = 'auto';
    head.append(' ', mark);
  }
  row.append(head);
  for (const words of [step, step_over_noise, loss, size]) {
    const cell = row.insertCell();
    cell.textContent = words;
  }
  row.classList.toggle('lost', lost);
  return row;
}
