// The place for files: dropped, chosen, or as a folder.

import * as fmt from './fmt.js';
import type { Notices } from './notices.js';
import type { Found } from './queue.js';

// Of a folder only these are taken; a file that is named itself is always taken.
const IMAGES = /\.(mrcs?|st|map|ccp4|rec|ali|preali|ali?st|hdf5?|h5|he5)$/i;

/** The panel. All of the window takes files: a drop beside the marked place would make the browser leave the page. */
export class Drop {
  readonly #notices: Notices;
  readonly #take: (found: Found[]) => void;

  constructor(section: HTMLElement, notices: Notices, take: (found: Found[]) => void) {
    this.#notices = notices;
    this.#take = take;
    const part = <E extends HTMLElement>(selector: string): E => section.querySelector<E>(selector)!;
    const input = part<HTMLInputElement>('input[type=file]');
    input.addEventListener('change', () => {
      this.#sort(chosen(input.files));
      input.value = ''; // the same file may be chosen again
    });
    part('#choose').addEventListener('click', () => input.click());
    part('#choose-folder').addEventListener('click', () => {
      const whole = document.createElement('input');
      whole.type = 'file';
      whole.webkitdirectory = true;
      whole.addEventListener('change', () => this.#sort(chosen(whole.files)));
      whole.click();
    });
    this.#listen(window);
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
      if (!event.dataTransfer) return;
      dropped(event.dataTransfer).then(
        (found) => this.#sort(found),
        (problem) => this.#notices.complain(problem),
      );
    });
  }

  /** Takes the images, and tells how many files of folders are none. */
  #sort(came: Found[]): void {
    const found = came.filter(({ file, folder }) => folder === '' || isImage(file.name));
    const others = came.length - found.length;
    if (others === 0) this.#notices.clear();
    else {
      this.#notices.complain(`${fmt.files(others)} of the folder left out: not named as MRC or HDF5 (.mrc, .mrcs, .st, .map, .hdf, ...)`);
    }
    if (found.length > 0) this.#take(found);
  }
}

function isImage(name: string): boolean {
  return IMAGES.test(name) && !name.startsWith('.');
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
