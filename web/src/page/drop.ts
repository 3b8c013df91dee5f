// How files come in: dropped, chosen, or as a folder.

import type { Found } from './queue.js';

// Of a folder only these are taken; a file that is named itself is always taken.
const IMAGES = /\.(mrcs?|st|map|ccp4|rec|ali|preali|ali?st|hdf5?|h5|he5)$/i;

/** What came in. */
export interface Arrival {
  found: Found[];
  /** Files of folders that don't look like images. */
  leftOut: number;
}

/** Files of a file dialogue; with folders when a folder was chosen. */
export function chosen(files: FileList | File[]): Arrival {
  const arrival: Arrival = { found: [], leftOut: 0 };
  for (const file of files) {
    const path = file.webkitRelativePath;
    take(arrival, file, path.slice(0, path.lastIndexOf('/') + 1));
  }
  return arrival;
}

/** Files and folders that were dropped. */
export async function dropped(data: DataTransfer): Promise<Arrival> {
  const arrival: Arrival = { found: [], leftOut: 0 };
  // The list is gone after the first wait.
  const items = Array.from(data.items, (item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  for (const { entry, file } of items) {
    if (entry?.isDirectory) await walk(arrival, entry as FileSystemDirectoryEntry, '');
    else if (file) take(arrival, file, '');
  }
  return arrival;
}

function take(arrival: Arrival, file: File, folder: string): void {
  if (folder === '' || (IMAGES.test(file.name) && !file.name.startsWith('.'))) arrival.found.push({ file, folder });
  else arrival.leftOut++;
}

async function walk(arrival: Arrival, directory: FileSystemDirectoryEntry, parent: string): Promise<void> {
  const folder = `${parent}${directory.name}/`;
  const reader = directory.createReader();
  for (;;) {
    // A part of the folder at a time; an empty one is the end.
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return;
    for (const entry of part) {
      if (entry.isDirectory) await walk(arrival, entry as FileSystemDirectoryEntry, folder);
      else take(arrival, await fileOf(entry as FileSystemFileEntry), folder);
    }
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
