// The settings panel: the command line's options, kept between visits.

import { messageOf } from '../problem.js';
import type { Choice, Compression, Rendering } from '../protocol.js';
import * as fmt from './fmt.js';
import { Watchers } from './watchers.js';

// Under a name of its own: before, the page kept its defaults as if they had been chosen.
const KEPT = 'e2compress choices';

/** What the fields hold, as text; a field may hold nonsense while it is typed. */
interface Kept {
  way: string;
  mode: string;
  bits: string;
  level: string;
  limits: string;
  sigma: [string, string];
  explicit: [string, string];
  fractions: string;
  grouping: string;
  upsampling: string;
  atOnce: boolean;
}

const DEFAULTS: Kept = {
  way: 'compress',
  mode: '',
  // Not the command's: nobody has a script that goes by what the page does.
  bits: 'auto',
  level: '',
  limits: 'all',
  sigma: ['4', '4'],
  explicit: ['', ''],
  fractions: '',
  grouping: '',
  upsampling: '',
  atOnce: false,
};

/** What is out of sight unless somebody looks for it: that something is set there is said. */
const MORE = ['level', 'fractions', 'grouping', 'upsampling'] as const;

/** Checks a choice in the core's words; null when nothing is wrong. */
type Check = (choice: Choice) => Promise<string | null>;

export class Settings {
  readonly #form: HTMLFormElement;
  readonly #problem: HTMLElement;
  readonly #check: Check;
  readonly #watchers = new Watchers<[]>();
  #choice: Choice | null = null;
  #checks = 0;

  constructor(form: HTMLFormElement, check: Check) {
    this.#form = form;
    this.#problem = form.querySelector<HTMLElement>('.problem')!;
    this.#check = check;
    this.#fill(kept(form));
    form.addEventListener('input', () => {
      // What was never chosen is never kept.
      keep(this.#read());
      this.#take();
    });
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('reset', (event) => {
      event.preventDefault();
      forget();
      this.#fill(DEFAULTS);
      this.#take();
    });
    this.#take();
  }

  /** Calls back whenever the choice has changed, or files may start. */
  watch(watcher: () => void): void {
    this.#watchers.add(watcher);
  }

  /** The choice, or null while it is invalid or is being checked. */
  get choice(): Choice | null {
    return this.#choice;
  }

  /** Chooses a number of bits, or auto, as if the user had done so in the field. */
  chooseBits(bits: string): void {
    const field = this.#input('bits');
    field.value = bits;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }

  /** Whether files start without being told to. */
  get atOnce(): boolean {
    return this.#input('atonce').checked;
  }

  #input(name: string): HTMLInputElement {
    return this.#form.querySelector<HTMLInputElement>(`[name="${name}"]`)!;
  }

  #fill({ way, mode, bits, level, limits, sigma, explicit, fractions, grouping, upsampling, atOnce }: Kept): void {
    for (const radio of this.#form.querySelectorAll<HTMLInputElement>('[name="way"]')) radio.checked = radio.value === way;
    this.#input('limits').value = limits;
    this.#input('mode').value = mode;
    this.#input('bits').value = bits;
    this.#input('level').value = level;
    this.#input('below').value = sigma[0];
    this.#input('above').value = sigma[1];
    this.#input('low').value = explicit[0];
    this.#input('high').value = explicit[1];
    this.#input('fractions').value = fractions;
    this.#input('grouping').value = grouping;
    this.#input('upsampling').value = upsampling;
    this.#input('atonce').checked = atOnce;
  }

  #read(): Kept {
    const value = (name: string): string => this.#input(name).value.trim();
    return {
      way: this.#form.querySelector<HTMLInputElement>('[name="way"]:checked')?.value ?? DEFAULTS.way,
      mode: value('mode'),
      bits: value('bits'),
      level: value('level'),
      limits: value('limits'),
      sigma: [value('below'), value('above')],
      explicit: [value('low'), value('high')],
      fractions: value('fractions'),
      grouping: value('grouping'),
      upsampling: value('upsampling'),
      atOnce: this.atOnce,
    };
  }

  #take(): void {
    const fields = this.#read();
    const { way, limits } = fields;
    // What has no say is disabled, and then hidden.
    for (const [name, says] of Object.entries({
      compress: way === 'compress',
      expand: way === 'expand',
      sigma: limits === 'sigma',
      explicit: limits === 'explicit',
    })) {
      for (const fields of this.#form.querySelectorAll<HTMLFieldSetElement>(`fieldset.${name}`)) fields.disabled = !says;
      const note = this.#form.querySelector<HTMLElement>(`.note.${name}`);
      if (note) note.hidden = !says;
    }
    const changed = MORE.filter((name) => fields[name] !== DEFAULTS[name] && !this.#input(name).matches(':disabled')).length;
    this.#form.querySelector('.changed')!.textContent = changed > 0 ? ` (${changed} changed)` : '';
    const found = choiceOf(fields);
    const turn = ++this.#checks;
    // Fields that say the same in other words change nothing of what is known of the files.
    if (this.#choice && JSON.stringify(found) === JSON.stringify(this.#choice)) {
      this.#watchers.tell();
      return;
    }
    this.#choice = null;
    void this.#verdict(found).then((problem) => {
      if (turn !== this.#checks) return; // changed meanwhile
      this.#problem.textContent = fmt.shown(problem ?? '');
      this.#choice = problem === null && typeof found !== 'string' ? found : null;
      this.#watchers.tell();
    });
  }

  async #verdict(found: Choice | string): Promise<string | null> {
    if (typeof found === 'string') return found;
    try {
      return await this.#check(found);
    } catch (problem) {
      return messageOf(problem);
    }
  }
}

/** The fields as a choice, or what is wrong with them. */
function choiceOf(fields: Kept): Choice | string {
  const eer = renderingOf(fields);
  if (typeof eer === 'string') return eer;
  const { way, mode } = fields;
  if (way === 'expand') return { way, mode: mode === '' ? null : Number(mode), eer };
  const compression = compressionOf(fields);
  return typeof compression === 'string' ? compression : { ...compression, eer };
}

/** What is made of EER movies, or what is wrong with the fields. */
function renderingOf({ fractions, grouping, upsampling }: Kept): Rendering | string {
  // Which whole numbers can be is the core's to say.
  const wrong = [fractions, grouping].find((text) => text !== '' && !/^[+-]?\d+$/.test(text));
  if (wrong !== undefined) return Number.isNaN(Number(wrong)) ? notANumber(wrong) : `"${wrong}" is not a whole number`;
  const number = (text: string): number | null => (text === '' ? null : Number(text));
  return { fractions: number(fractions), grouping: number(grouping), upsampling: number(upsampling) };
}

function notANumber(text: string): string {
  return `"${text}" is not a number`;
}

function compressionOf({ bits, level, limits, sigma, explicit }: Kept): Compression | string {
  const common = { way: 'compress' as const, bits, level: level === '' ? null : Number(level) };
  if (limits !== 'sigma' && limits !== 'explicit') {
    return { ...common, limits: { kind: limits === 'nooutliers' ? 'nooutliers' : 'all' } };
  }
  const texts = limits === 'sigma' ? sigma : explicit;
  if (texts.some((text) => text === '')) return 'two numbers are needed for this range';
  const [first, second] = texts.map(Number) as [number, number];
  const wrong = texts.find((text) => Number.isNaN(Number(text)));
  if (wrong !== undefined) return notANumber(wrong);
  return { ...common, limits: { kind: limits, first, second } };
}

/** What was kept, field by field: what cannot have been chosen here was never chosen. */
function kept(form: HTMLFormElement): Kept {
  const found = stored();
  const fields: Kept = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof Kept)[]) {
    if (isLike(found[name], DEFAULTS[name]) && isOffered(form, name, found[name])) Object.assign(fields, { [name]: found[name] });
  }
  return fields;
}

function stored(): { [name: string]: unknown } {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEPT) ?? '{}');
    return typeof found === 'object' && found !== null ? (found as { [name: string]: unknown }) : {};
  } catch {
    return {};
  }
}

/** Whether a value has the type of another one: in a list each, of as many. */
function isLike(value: unknown, other: unknown): boolean {
  if (!Array.isArray(other)) return typeof value === typeof other;
  return Array.isArray(value) && value.length === other.length && value.every((each, index) => isLike(each, other[index]));
}

/** Whether the form has a value, where it leaves no other choice. */
function isOffered(form: HTMLFormElement, name: string, value: unknown): boolean {
  const fields = [...form.querySelectorAll(`[name="${name}"]`)];
  const offered = fields.flatMap((field) => {
    if (field instanceof HTMLSelectElement) return Array.from(field.options, (option) => option.value);
    return field instanceof HTMLInputElement && field.type === 'radio' ? [field.value] : [];
  });
  return offered.length === 0 || offered.some((each) => each === value);
}

function forget(): void {
  try {
    localStorage.removeItem(KEPT);
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}

function keep(fields: Kept): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(fields));
  } catch {
    // A browser that keeps nothing: the defaults hold next time.
  }
}
