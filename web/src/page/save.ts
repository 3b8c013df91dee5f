// Outputs out of the page: all in one archive, or into a folder of the user's as soon as each is finished.

import { Folder } from '../storage/folder.js';
import { zip, type Entry } from '../storage/zip.js';
import { oncePerFrame } from './frame.js';
import type { Job } from './job.js';
import type { Notices } from './notices.js';
import type { Queue } from './queue.js';
import type { Standby } from './standby.js';

// The browser takes hold of an archive a moment after it was told to save it, in milliseconds.
const TAKEN_AFTER = 60_000;

/** What saving needs of the page. */
export interface Surroundings {
  queue: Queue;
  /** Sums up the files of an archive. */
  standby: Standby;
  notices: Notices;
}

export class Save {
  readonly #surroundings: Surroundings;
  readonly #zip: HTMLButtonElement;
  readonly #where: HTMLElement;
  #folder: Folder | null = null;
  /** One copy into the folder at a time. */
  #copies: Promise<void> = Promise.resolve();

  constructor(section: HTMLElement, surroundings: Surroundings) {
    this.#surroundings = surroundings;
    const part = <E extends HTMLElement>(selector: string): E => section.querySelector<E>(selector)!;
    this.#zip = part('#save-zip');
    this.#where = part('#folder');
    this.#zip.addEventListener('click', () => void this.#archive());
    const folder = part('#save-folder');
    folder.hidden = !Folder.possible;
    folder.addEventListener('click', () => void this.#choose());
    const { queue } = surroundings;
    const refresh = oncePerFrame(() => (this.#zip.disabled = queue.tally.of('finished') === 0));
    queue.watch({
      changed: (job) => {
        if (job.state.is === 'finished' && this.#folder) this.#move(job, this.#folder);
        if (job.state.is !== 'running') refresh();
      },
      removed: refresh,
    });
    refresh();
  }

  async #archive(): Promise<void> {
    const { notices } = this.#surroundings;
    try {
      await this.#saveZip();
      notices.say('The archive is ready');
    } catch (problem) {
      notices.complain(problem);
    }
  }

  /** Saves all outputs as one archive, which is read from the storage while the browser writes it. */
  async #saveZip(): Promise<void> {
    const { queue, standby, notices } = this.#surroundings;
    const jobs = queue.jobs.filter(({ state }) => state.is === 'finished');
    const entries: Entry[] = [];
    const packed: Job[] = [];
    for (const job of jobs) {
      const { path, state } = job;
      if (path === null || state.is !== 'finished' || !(await queue.holds(job))) continue;
      notices.say(`Packing ${entries.length} of ${jobs.length}`);
      const crc = await standby.ask((engine) => engine.checksum(state.output));
      entries.push({ path, file: state.output, crc, modified: new Date() });
      packed.push(job);
    }
    if (entries.length === 0) throw new Error('there is nothing left to save');
    const link = document.createElement('a');
    const archive = zip(entries);
    link.href = URL.createObjectURL(archive);
    link.download = 'e2compress.zip';
    link.click();
    // A large archive is still being written by then.
    setTimeout(() => URL.revokeObjectURL(link.href), TAKEN_AFTER);
    for (const job of packed) job.handOver(archive.size);
  }

  async #choose(): Promise<void> {
    const { queue, notices } = this.#surroundings;
    try {
      this.#folder = (await Folder.choose()) ?? this.#folder;
    } catch (problem) {
      notices.complain(problem);
    }
    if (!this.#folder) return;
    this.#where.textContent = `Finished files go to the folder ${this.#folder.name}.`;
    for (const job of queue.jobs) if (job.state.is === 'finished') this.#move(job, this.#folder);
  }

  #move(job: Job, folder: Folder): void {
    const { outputName } = job;
    this.#copies = this.#copies
      .then(() => this.#copy(job, folder))
      .catch((problem) => this.#surroundings.notices.complain(`${outputName} could not be saved in ${folder.name}: ${problem}`));
  }

  /** Copies an output into the folder, then takes it out of the storage. */
  async #copy(job: Job, folder: Folder): Promise<void> {
    const { queue } = this.#surroundings;
    const { state, path } = job;
    if (state.is !== 'finished' || path === null || !(await queue.holds(job))) return;
    const { path: copied, copy } = await folder.write(path, state.output);
    if (job.state !== state) return; // removed or worked on again meanwhile
    job.saved = true;
    job.readUntil = 0;
    job.state = { is: 'moved', made: state.made, output: copy, path: copied, folder: folder.name };
    await queue.release(job);
  }
}
