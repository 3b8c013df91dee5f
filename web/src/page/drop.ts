// The place for files: dropped, chosen, or as a folder.

import type { Format } from '../protocol.js';
import * as fmt from './fmt.js';
import type { Found } from './found.js';
import type { Notices } from './notices.js';
import { pairUp } from './pairs.js';

/** What the drop zone needs of the page. */
export interface Surroundings {
  notices: Notices;
  /** The formats that are images. */
  formats(): Promise<Format[]>;
  /** Takes a record. */
  record(file: File): Promise<void>;
  /** Goes on with files that came in. */
  take(found: Found[]): void;
}

/** The panel. All of the window takes files: a drop beside the marked place would make the browser leave the page. */
export class Drop {
  readonly #surroundings: Surroundings;
  /** Known soon after the start, so that files are taken at once. */
  #formats: Format[] | null = null;
  #coming = 0;

  constructor(section: HTMLElement, surroundings: Surroundings) {
    this.#surroundings = surroundings;
    const part = <E extends HTMLElement>(selector: string): E => section.querySelector<E>(selector)!;
    const input = part<HTMLInputElement>('input[type=file]');
    input.addEventListener('change', () => {
      void this.#receive(chosen(input.files));
      input.value = ''; // the same file may be chosen again
    });
    part('#choose').addEventListener('click', () => input.click());
    part('#choose-folder').addEventListener('click', () => {
      const whole = document.createElement('input');
      whole.type = 'file';
      whole.webkitdirectory = true;
      whole.addEventListener('change', () => void this.#receive(chosen(whole.files)));
      whole.click();
    });
    this.#listen(window);
    void this.#learn();
  }

  /** Asks which formats there are. Without the module each file comes by itself and says what is wrong. */
  async #learn(): Promise<Format[]> {
    return this.#surroundings.formats().then(
      (formats) => (this.#formats = formats),
      () => [],
    );
  }

  #listen(target: Window): void {
    for (const type of ['dragenter', 'dragover'] as const) {
      target.addEventListener(type, (event) => {
        event.preventDefault();
        document.body.classList.add('dragging');
      });
    }
    target.addEventListener('dragleave', (event) => {
      if (event.relatedTarget === null) document.body.classList.remove('dragging');
    });
    target.addEventListener('drop', (event) => {
      event.preventDefault();
      document.body.classList.remove('dragging');
      if (event.dataTransfer) void this.#receive(dropped(event.dataTransfer));
    });
  }

  /** Whether files are on their way. */
  get busy(): boolean {
    return this.#coming > 0;
  }

  /** Takes files in, two of a pair as one. */
  async #take(found: Found[]): Promise<void> {
    if (found.length === 0) return;
    this.#surroundings.take(pairUp(this.#formats ?? (await this.#learn()), found));
  }

  /** Takes files that came as such, and of folders those that are named as images. */
  async #receive(came: Found[] | Promise<Found[]>): Promise<void> {
    const { notices } = this.#surroundings;
    notices.clear();
    this.#coming++;
    try {
      const all = await came;
      const single = all.filter(({ folder }) => folder === '');
      // Records first, so that what they prove is not started.
      for (const { file } of single.filter(isRecord)) await this.#surroundings.record(file);
      await this.#take(single.filter((found) => !isRecord(found)));
      await this.#takeImages(all.filter(({ folder }) => folder !== ''));
    } catch (problem) {
      notices.complain(problem);
    } finally {
      this.#coming--;
    }
  }

  async #takeImages(inFolders: Found[]): Promise<void> {
    if (inFolders.length === 0) return;
    const formats = this.#formats ?? (await this.#surroundings.formats());
    const extensions = formats.flatMap((format) => format.extensions);
    const found = inFolders.filter(({ file }) => isNamedAs(extensions, file.name));
    await this.#take(found);
    if (found.length === inFolders.length) return;
    const names = fmt.either(formats.map(({ name }) => name));
    const dotted = examples(extensions).map((extension) => `.${extension}`).join(', ');
    const others = fmt.files(inFolders.length - found.length);
    this.#surroundings.notices.complain(`${others} of the folder left out: not named as ${names} (${dotted})`);
  }
}

function isRecord({ file }: Found): boolean {
  return file.name.toLowerCase().endsWith('.jsonl');
}

function isNamedAs(extensions: string[], name: string): boolean {
  const small = name.toLowerCase();
  return !name.startsWith('.') && extensions.some((extension) => small.endsWith(`.${extension}`));
}

/** Extensions to show to people: of those with two parts the first with each last part. */
function examples(extensions: string[]): string[] {
  const last = (extension: string): string => extension.slice(extension.indexOf('.') + 1);
  const twofold = extensions.filter((extension) => extension.includes('.'));
  return extensions.filter(
    (extension) => !extension.includes('.') || extension === twofold.find((other) => last(other) === last(extension)),
  );
}

/** Files of a file dialogue; with folders when a folder was chosen. */
function chosen(files: FileList | null): Found[] {
  return Array.from(files ?? [], (file) => {
    const path = file.webkitRelativePath;
    return { file, folder: path.slice(0, path.lastIndexOf('/') + 1) };
  });
}

/** Files and folders that were dropped. */
async function dropped(data: DataTransfer): Promise<Found[]> {
  const found: Found[] = [];
  // The list is gone after the first wait.
  const items = Array.from(data.items, (item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  for (const { entry, file } of items) {
    if (entry?.isDirectory) await walk(found, entry as FileSystemDirectoryEntry, '');
    else if (file) found.push({ file, folder: '' });
  }
  return found;
}

async function walk(found: Found[], directory: FileSystemDirectoryEntry, parent: string): Promise<void> {
  const folder = `${parent}${directory.name}/`;
  const reader = directory.createReader();
  for (;;) {
    // A part of the folder at a time; an empty one is the end.
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return;
    for (const entry of part) {
      if (entry.isDirectory) await walk(found, entry as FileSystemDirectoryEntry, folder);
      else found.push({ file: await fileOf(entry as FileSystemFileEntry), folder });
    }
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
