// Files of the user's as the module reads them: a slice at a time, while it waits.

import type { Chosen } from '../protocol.js';
import { FAILED, READING, TEXT_BYTES, type Input, type Shared, type Slice } from './slice.js';

/** Gives the module files to read from; one at a time. */
export interface Reader {
  open(chosen: Chosen): Input;
}

/** Opens the file and, of a pair, the other one. */
function openAll({ file, other }: Chosen, open: (file: File) => Input): Input {
  return { ...open(file), other: other ? open(other) : undefined };
}

function assertWhole(found: number, wanted: number): void {
  if (found !== wanted) throw new Error(`the file ended after ${found} of ${wanted} bytes`);
}

/**
 * Reads in this worker. What was read is garbage until the module's call returns and the browser
 * looks for it: with large files a gigabyte. It is the way where workers cannot share memory.
 */
export class OwnReader implements Reader {
  readonly #reader = new FileReaderSync();

  open(chosen: Chosen): Input {
    return openAll(chosen, (file) => this.#open(file));
  }

  #open(file: File): Input {
    return {
      size: file.size,
      read: (offset: number, bytes: Uint8Array): void => {
        const found = this.#reader.readAsArrayBuffer(file.slice(offset, offset + bytes.length));
        assertWhole(found.byteLength, bytes.length);
        bytes.set(new Uint8Array(found));
      },
    };
  }
}

/** Has another worker read, which is back at its event loop after each slice and leaves no garbage. */
export class SharedReader implements Reader {
  readonly #worker: Worker;
  readonly #signal = new Int32Array(new SharedArrayBuffer(4));
  readonly #text = new Uint8Array(new SharedArrayBuffer(TEXT_BYTES));

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  static async start(memory: WebAssembly.Memory): Promise<SharedReader> {
    const worker = new Worker(new URL('./reader.ts', import.meta.url), { type: 'module', name: self.name });
    const started = new SharedReader(worker);
    await new Promise((resolve, reject) => {
      worker.onmessage = resolve;
      worker.onerror = (event) => reject(new Error(event.message || 'the worker that reads could not be loaded'));
      const shared: Shared = { memory, signal: started.#signal, text: started.#text };
      worker.postMessage(shared);
    });
    return started;
  }

  open(chosen: Chosen): Input {
    return openAll(chosen, (file) => this.#open(file));
  }

  #open(file: File): Input {
    return {
      size: file.size,
      read: (offset: number, bytes: Uint8Array): void => {
        Atomics.store(this.#signal, 0, READING);
        const slice: Slice = { file, offset, address: bytes.byteOffset, length: bytes.length };
        this.#worker.postMessage(slice);
        // Again and again: what wakes may be the read before, which has set the signal and wakes only now.
        while (Atomics.load(this.#signal, 0) === READING) Atomics.wait(this.#signal, 0, READING);
        if (Atomics.load(this.#signal, 0) !== FAILED) return;
        // A decoder takes no shared memory.
        const { name, message } = JSON.parse(new TextDecoder().decode(this.#text.slice()).replace(/\0+$/, ''));
        throw Object.assign(new Error(message), { name });
      },
    };
  }
}
