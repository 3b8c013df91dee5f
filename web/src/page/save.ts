// Outputs out of the page: all in one archive, or into a folder of the user's.

import type { Job } from './job.js';
import { numbered } from '../storage/names.js';
import type { Queue } from './queue.js';
import { zip, type Entry } from '../storage/zip.js';

type Picker = (options: { id: string; mode: 'readwrite' }) => Promise<FileSystemDirectoryHandle>;

/** The dialogue for a folder, where the browser has one. */
function picker(): Picker | null {
  const found = (window as { showDirectoryPicker?: Picker }).showDirectoryPicker;
  return found ? found.bind(window) : null;
}

/** Outputs that are in the page's storage. */
export function finished(jobs: Job[]): { job: Job; output: File }[] {
  return jobs.flatMap((job) => (job.state.is === 'finished' ? [{ job, output: job.state.output }] : []));
}

/** Saves all outputs as one archive, which is read from the storage while the browser writes it. */
export async function saveZip(queue: Queue, tell: (done: number, total: number) => void): Promise<void> {
  const outputs = finished(queue.jobs);
  const entries: Entry[] = [];
  const packed: Job[] = [];
  for (const { job, output } of outputs) {
    const { path } = job;
    if (path === null || !(await queue.holds(job))) continue;
    tell(entries.length, outputs.length);
    const crc = await queue.ask((engine) => engine.checksum(output));
    entries.push({ path, file: output, crc, modified: new Date() });
    packed.push(job);
  }
  if (entries.length === 0) throw new Error('there is nothing left to save');
  const link = document.createElement('a');
  const archive = zip(entries);
  link.href = URL.createObjectURL(archive);
  link.download = 'e2compress.zip';
  link.click();
  // The browser has taken hold of it by then; a large archive is still being written.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  for (const job of packed) job.handOver(archive.size);
}

/** A folder of the user's that outputs go to as soon as they are finished. */
export class Folder {
  readonly #handle: FileSystemDirectoryHandle;
  readonly #queue: Queue;
  /** One copy at a time. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(handle: FileSystemDirectoryHandle, queue: Queue) {
    this.#handle = handle;
    this.#queue = queue;
  }

  /** Whether the browser lets the user choose one. */
  static get possible(): boolean {
    return picker() !== null;
  }

  /** Has the user choose; null when they don't. */
  static async choose(queue: Queue): Promise<Folder | null> {
    try {
      const handle = await picker()?.({ id: 'outputs', mode: 'readwrite' });
      return handle ? new Folder(handle, queue) : null;
    } catch (problem) {
      if (problem instanceof DOMException && problem.name === 'AbortError') return null;
      throw problem;
    }
  }

  get name(): string {
    return this.#handle.name;
  }

  /** Moves an output there: copied a piece at a time, whole or not at all, then taken out of the storage. */
  move(job: Job): Promise<void> {
    const moved = this.#last.then(() => this.#move(job));
    this.#last = moved.catch(() => undefined);
    return moved;
  }

  async #move(job: Job): Promise<void> {
    const { state, path } = job;
    if (state.is !== 'finished' || path === null || !(await this.#queue.holds(job))) return;
    const { made, output } = state;
    const folders = path.split('/').slice(0, -1);
    let folder = this.#handle;
    for (const name of folders) folder = await folder.getDirectoryHandle(name, { create: true });
    const name = await freeName(folder, job.outputName);
    const file = await folder.getFileHandle(name, { create: true });
    try {
      await output.stream().pipeTo(await file.createWritable());
    } catch (problem) {
      // What was made for it is empty.
      await folder.removeEntry(name).catch(() => undefined);
      throw problem;
    }
    if (job.state !== state) return; // removed or worked on again meanwhile
    job.saved = true;
    job.readUntil = 0;
    job.state = { is: 'moved', made, path: [...folders, name].join('/'), folder: this.#handle.name };
    await this.#queue.release(job);
  }
}

/** The name, or "x (2).hdf" when there is something of that name, which may well be the input. */
async function freeName(folder: FileSystemDirectoryHandle, name: string): Promise<string> {
  for (let count = 1; ; count++) {
    const free = numbered(name, count);
    try {
      await folder.getFileHandle(free);
    } catch (problem) {
      if (problem instanceof DOMException && problem.name === 'NotFoundError') return free;
      // A folder of that name is no place either.
      if (!(problem instanceof DOMException && problem.name === 'TypeMismatchError')) throw problem;
    }
  }
}
