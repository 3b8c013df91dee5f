// What is known of the noise of the selected file, beside what the file says of itself, and what its images bring along.

import * as fmt from '../fmt.js';
import type { Inspection, Plan } from '../../protocol.js';

export class Facts {
  readonly #list: HTMLElement;
  readonly #attributes: HTMLElement;

  constructor(list: HTMLElement, attributes: HTMLElement) {
    this.#list = list;
    this.#attributes = attributes;
  }

  /** Shows what an image brings along; `image` says which it is of several. */
  describe(attributes: [string, string][], image = ''): void {
    const said = [`${attributes.length} attributes of the header`, image].filter(Boolean).join(', ');
    this.#attributes.querySelector('summary')!.textContent = said;
    this.#attributes.querySelector('dl')!.replaceChildren(...items(attributes));
    this.#attributes.hidden = attributes.length === 0;
  }

  /** Shows what the plan of an image says, but for what the file says already; `image` says which it is of several. */
  show(plan: Plan | null, inspection: Inspection | null, image = ''): void {
    const known = new Set(inspection?.facts.map(([name]) => name));
    const facts = plan?.facts.filter(([name]) => !known.has(name)) ?? [];
    this.#list.replaceChildren(...items(facts.map(([name, fact]) => [[name, image].filter(Boolean).join(', '), fact])));
    this.#list.hidden = facts.length === 0;
  }
}

/** Names and what they are. */
export function items(facts: [string, string][]): HTMLElement[] {
  return facts.flatMap(([name, fact]) => {
    const [term, definition] = [document.createElement('dt'), document.createElement('dd')];
    term.textContent = fmt.shown(name);
    definition.textContent = fmt.shown(fact);
    return [term, definition];
  });
}
