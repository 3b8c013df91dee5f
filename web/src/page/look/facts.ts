// What is known of the noise of the selected file, beside what the file says of itself.

import type { Inspection, Plan } from '../../protocol.js';

export class Facts {
  readonly #list: HTMLElement;

  constructor(list: HTMLElement) {
    this.#list = list;
  }

  /** Shows what the plan of an image says, but for what the file says already; `image` says which it is of several. */
  show(plan: Plan | null, inspection: Inspection | null, image = ''): void {
    const known = new Set(inspection?.facts.map(([name]) => name));
    const facts = plan?.facts.filter(([name]) => !known.has(name)) ?? [];
    this.#list.replaceChildren(
      ...facts.flatMap(([name, fact]) => {
        const [term, definition] = [document.createElement('dt'), document.createElement('dd')];
        term.textContent = [name, image].filter(Boolean).join(', ');
        definition.textContent = fact;
        return [term, definition];
      }),
    );
    this.#list.hidden = facts.length === 0;
  }
}
