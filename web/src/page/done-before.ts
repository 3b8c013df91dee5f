// Files that a record proves to be done, as the command's --resume judges: by what is in them.

import type { Choice, RecordEntry } from '../protocol.js';
import type { Job } from './job.js';
import type { Prints } from './prints.js';
import type { Standby } from './standby.js';

/** Knows what records say that were dropped. */
export class DoneBefore {
  readonly #standby: Standby;
  readonly #settings: { readonly choice: Choice | null };
  readonly #prints: Prints;
  /** By name and length of the input. */
  readonly #entries = new Map<string, RecordEntry[]>();

  constructor(standby: Standby, settings: { readonly choice: Choice | null }, prints: Prints) {
    this.#standby = standby;
    this.#settings = settings;
    this.#prints = prints;
  }

  /** Takes what a record says. */
  add(entries: RecordEntry[]): void {
    for (const entry of entries) {
      const key = keyOf(entry.name, entry.bytes);
      this.#entries.set(key, [...(this.#entries.get(key) ?? []), entry]);
    }
  }

  /** Whether a record names a file of this name and length. */
  mayKnow({ file }: Job): boolean {
    return this.#entries.has(keyOf(file.name, file.size));
  }

  /** What says that a file is done with the settings as they are; null where no record proves it by its SHA-256. */
  async proof(job: Job): Promise<RecordEntry | null> {
    const { choice } = this.#settings;
    if (choice === null) return null;
    const options = await this.#standby.ask((engine) => engine.options(choice));
    const file = job.whole;
    const same = (this.#entries.get(keyOf(job.file.name, file.size)) ?? []).filter((entry) => entry.options === options);
    if (same.length === 0) return null;
    const sha256 = await this.#prints.of(file, undefined, job.gone);
    // The last line about it, as the command takes it.
    return same.filter((entry) => entry.sha256 === sha256).at(-1) ?? null;
  }
}

function keyOf(name: string, bytes: number): string {
  return `${bytes} ${name}`;
}
