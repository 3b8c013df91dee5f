// The page's own storage (origin-private file system), where outputs are written.

import { messageOf } from '../problem.js';
import type { Place } from '../protocol.js';
import { within } from './within.js';

const PREFIX = 'e2compress-';

// A worker that was ended gives up its files a moment later, a tab that was closed its lock too.
const REMOVAL_TRIES = 50;
const REMOVAL_PAUSE = 100;
const SWEEPS_AFTER = [500, 2000, 10_000];

/** Why an output is gone. */
export const CLEARED = "the output is gone: the browser's storage was cleared before it was saved";

/** This tab's folder. Another tab must not take it for a left-over. */
export class Outputs {
  readonly #folder: string;
  #count = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the tab's folder, and removes those of tabs that are gone. */
  static async open(): Promise<Outputs> {
    if (!isSecureContext) throw new Error('browsers give storage only to pages from https or localhost');
    let root: FileSystemDirectoryHandle;
    try {
      root = await navigator.storage.getDirectory();
    } catch {
      throw new Error('this browser gives the page no storage for outputs; a private window may be the reason');
    }
    const folder = PREFIX + crypto.randomUUID();
    await new Promise<void>((resolve) => {
      // Held until the tab goes, however it goes.
      void navigator.locks.request(folder, () => {
        resolve();
        return new Promise(() => undefined);
      });
    });
    // What cannot be removed now keeps nobody from working.
    await within(removeLeftOvers(root)).catch(() => undefined);
    sweepLater(root).catch(() => undefined);
    await within(root.getDirectoryHandle(folder, { create: true }));
    return new Outputs(folder);
  }

  /** A place no other output has. */
  place(): Place {
    return { folder: this.#folder, name: `${++this.#count}` };
  }

  /** A finished output. */
  async file(place: Place): Promise<File> {
    try {
      const handle = folderOf(place).then((folder) => folder.getFileHandle(place.name));
      return await within(handle.then((found) => found.getFile()));
    } catch (problem) {
      throw problem instanceof DOMException ? new Error(`${CLEARED} (${messageOf(problem)})`) : problem;
    }
  }

  /** Removes an output, finished or not. */
  async remove(place: Place): Promise<void> {
    const folder = await within(folderOf(place));
    for (let tries = 1; ; tries++) {
      try {
        return await within(folder.removeEntry(place.name));
      } catch (problem) {
        if (!(problem instanceof DOMException)) throw problem;
        if (problem.name === 'NotFoundError') return;
        if (tries === REMOVAL_TRIES) throw problem;
        await new Promise((resolve) => setTimeout(resolve, REMOVAL_PAUSE));
      }
    }
  }
}

/** The folder of an output, from the root as it is now: handles of storage that was cleared find nothing any more. */
async function folderOf({ folder }: Place): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(folder);
}

/** For a tab that was just closed, or loaded again. */
async function sweepLater(root: FileSystemDirectoryHandle): Promise<void> {
  for (const pause of SWEEPS_AFTER) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    await removeLeftOvers(root);
  }
}

/** Removes what tabs that are gone have left. */
async function removeLeftOvers(root: FileSystemDirectoryHandle): Promise<void> {
  for await (const name of root.keys()) {
    if (!name.startsWith(PREFIX)) continue;
    await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
      // What cannot be removed now is removed at the next start.
      if (lock) await root.removeEntry(name, { recursive: true }).catch(() => undefined);
    });
  }
}
