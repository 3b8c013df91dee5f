// Outputs out of the page: all in one archive, or into a folder of the user's as soon as each is finished.

import { messageOf } from '../problem.js';
import { Folder } from '../storage/folder.js';
import { zip, type Entry } from '../storage/zip.js';
import type { Custody } from './custody.js';
import * as fmt from './fmt.js';
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

/** An output as it was at a moment. */
interface Output {
  job: Job;
  state: Job['state'];
  custody: Custody;
  path: string;
  file: File;
}

/** The output of a file, if it has one here. */
function outputOf(job: Job): Output[] {
  const { state, custody, path } = job;
  return state.is === 'finished' && path !== null ? [{ job, state, custody, path, file: state.output }] : [];
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
    } catch (problem) {
      notices.complain(problem);
    }
  }

  /** Saves all outputs as one archive, which is read from the storage while the browser writes it. */
  async #saveZip(): Promise<void> {
    const { queue, notices } = this.#surroundings;
    const there = queue.jobs.flatMap(outputOf);
    // Whatever becomes of the files meanwhile: what is in the archive is what was there when it was asked for.
    const packing = this.#pack(there);
    for (const { custody } of there) custody.during(packing);
    const entries = await packing;
    const link = document.createElement('a');
    const archive = zip(entries.map(({ entry }) => entry));
    link.href = URL.createObjectURL(archive);
    link.download = 'e2compress.zip';
    link.click();
    // A large archive is still being written by then.
    setTimeout(() => URL.revokeObjectURL(link.href), TAKEN_AFTER);
    for (const { job, state, custody } of entries) {
      custody.handOver(archive.size);
      if (job.state === state) job.saved = true;
    }
    notices.say('The archive is ready');
  }

  /** Sums up outputs for an archive; those that are gone are failures from now on. */
  async #pack(there: Output[]): Promise<(Output & { entry: Entry })[]> {
    const { queue, standby, notices } = this.#surroundings;
    const packed: (Output & { entry: Entry })[] = [];
    for (const output of there) {
      const { job, path, file, state } = output;
      if (job.state === state && !(await queue.holds(job))) continue;
      notices.say(`Packing ${packed.length} of ${there.length}`);
      try {
        const crc = await standby.ask((engine) => engine.checksum(file));
        packed.push({ ...output, entry: { path, file, crc, modified: new Date() } });
      } catch (problem) {
        throw new Error(`no archive was saved: the output of ${fmt.shown(job.file.name)} cannot be read: ${messageOf(problem)}`);
      }
    }
    if (packed.length === 0) throw new Error('there is nothing left to save');
    return packed;
  }

  async #choose(): Promise<void> {
    const { queue, notices } = this.#surroundings;
    try {
      this.#folder = (await Folder.choose()) ?? this.#folder;
    } catch (problem) {
      notices.complain(problem);
    }
    if (!this.#folder) return;
    this.#where.textContent = `Finished files go to the folder ${fmt.shown(this.#folder.name)}.`;
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
    const copying = folder.write(path, state.output);
    job.custody.during(copying);
    const { path: copied, copy } = await copying;
    if (job.state !== state) return; // removed or worked on again meanwhile
    job.saved = true;
    job.state = { is: 'moved', made: state.made, output: copy, path: copied, folder: folder.name };
    await queue.release(job);
  }
}
