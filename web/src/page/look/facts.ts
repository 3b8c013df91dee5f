// What is known of the selected file and of what was made of it.

import type { Plan } from '../../protocol.js';
import * as fmt from '../fmt.js';
import type { Job } from '../job.js';

export class Facts {
  readonly #title: HTMLElement;
  readonly #list: HTMLElement;
  readonly #warnings: HTMLElement;

  constructor(section: HTMLElement) {
    const part = (selector: string): HTMLElement => section.querySelector<HTMLElement>(selector)!;
    this.#title = part('#look-title');
    this.#list = part('.look-facts dl');
    this.#warnings = part('.look-facts .warnings');
  }

  /** Shows what the file says of itself, what its plan says, and what it became. */
  show(job: Job | null, plan: Plan | null): void {
    this.#title.textContent = job ? fmt.shown(job.file.name) : '';
    const { inspection, state } = job ?? { inspection: null, state: null };
    const made = state?.is === 'finished' || state?.is === 'moved' ? state.made : null;
    const facts: [string, string][] = [...(inspection?.facts ?? [])];
    const known = new Set(facts.map(([name]) => name));
    facts.push(...(plan?.facts ?? []).filter(([name]) => !known.has(name)));
    if (made && job) facts.push(['Output', `${fmt.sizes(job.file.size, made.report.output_bytes)}; ${made.report.words}`]);
    this.#list.replaceChildren(...facts.flatMap(([name, fact]) => [element('dt', name), element('dd', fact)]));
    const { warnings, notes } = made?.report ?? inspection?.info ?? { warnings: [], notes: [] };
    const lines = [...warnings.map((words) => `Warning: ${words}`), ...notes.map((words) => `Note: ${words}`)];
    this.#warnings.replaceChildren(
      ...lines.map((words, index) => {
        const item = element('li', words);
        item.classList.toggle('noted', index >= warnings.length);
        return item;
      }),
    );
    this.#warnings.hidden = lines.length === 0;
  }
}

function element(name: string, text: string): HTMLElement {
  const found = document.createElement(name);
  found.textContent = text;
  return found;
}
