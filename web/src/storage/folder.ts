// A folder of the user's, where the browser lets a page write into one.

import { numbered } from './names.js';

type Picker = (options: { id: string; mode: 'readwrite' }) => Promise<FileSystemDirectoryHandle>;

/** The dialogue for a folder, where the browser has one. */
function picker(): Picker | null {
  const found = (window as { showDirectoryPicker?: Picker }).showDirectoryPicker;
  return found ? found.bind(window) : null;
}

export class Folder {
  readonly #handle: FileSystemDirectoryHandle;

  private constructor(handle: FileSystemDirectoryHandle) {
    this.#handle = handle;
  }

  /** Whether the browser lets the user choose one. */
  static get possible(): boolean {
    return picker() !== null;
  }

  /** Has the user choose; null when they do not. */
  static async choose(): Promise<Folder | null> {
    try {
      const handle = await picker()?.({ id: 'outputs', mode: 'readwrite' });
      return handle ? new Folder(handle) : null;
    } catch (problem) {
      if (problem instanceof DOMException && problem.name === 'AbortError') return null;
      throw problem;
    }
  }

  get name(): string {
    return this.#handle.name;
  }

  /**
   * Copies a file to a path in the folder, a piece at a time, whole or not at all. Returns the copy and the path it has:
   * another one where there is something of that name, which may well be the input.
   */
  async write(path: string, file: File): Promise<{ path: string; copy: File }> {
    const folders = path.split('/');
    const wanted = folders.pop()!;
    let folder = this.#handle;
    for (const name of folders) folder = await folder.getDirectoryHandle(name, { create: true });
    const name = await freeName(folder, wanted);
    const copy = await folder.getFileHandle(name, { create: true });
    try {
      await file.stream().pipeTo(await copy.createWritable());
    } catch (problem) {
      // What was made for it is empty.
      await folder.removeEntry(name).catch(() => undefined);
      throw problem;
    }
    return { path: [...folders, name].join('/'), copy: await copy.getFile() };
  }
}

/** The name, or "x (2).hdf" when there is something of that name. */
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
