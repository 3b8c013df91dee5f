// Files of the user's as the module reads them: a slice at a time, while it waits.

import type { Chosen } from '../protocol.js';
import { ANSWERED, PULSE, REFUSED, RING_BYTES, TEXT_BYTES, WORDS, type Input, type Order, type Shared } from './slice.js';
import { Stream } from './stream.js';

/** Gives the module files to read from; one at a time. */
export interface Reader {
  /** For reads here and there. */
  open(chosen: Chosen): Input;
  /** For all of it: `named` tells that it is the `next` of the file before. */
  follow(chosen: Chosen, named: boolean, next: Chosen | null): Input;
  /** Ends with the file that was followed. */
  close(): void;
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
  readonly #live: () => void;

  /** `live` is called after each read. */
  constructor(live: () => void) {
    this.#live = live;
  }

  open(chosen: Chosen): Input {
    return openAll(chosen, (file) => {
      const read = (offset: number, bytes: Uint8Array): void => {
        const found = this.#reader.readAsArrayBuffer(file.slice(offset, offset + bytes.length));
        assertWhole(found.byteLength, bytes.length);
        bytes.set(new Uint8Array(found));
        this.#live();
      };
      return { size: file.size, read, readAfresh: read };
    });
  }

  follow(chosen: Chosen): Input {
    return this.open(chosen);
  }

  close(): void {}
}

/**
 * Has another worker read, which is back at its event loop after each slice and leaves no garbage,
 * and reads ahead while this one waits for the pool.
 */
export class SharedReader implements Reader {
  readonly #worker: Worker;
  readonly #shared: Shared;
  readonly #stream: Stream;
  readonly #live: () => void;
  /** Number of the slice that was asked for last. */
  #slices = 0;

  private constructor(worker: Worker, memory: WebAssembly.Memory, live: () => void) {
    this.#live = live;
    const bytes = (length: number) => new Uint8Array(new SharedArrayBuffer(length));
    const signal = new Int32Array(new SharedArrayBuffer(4 * WORDS));
    this.#worker = worker;
    this.#shared = { memory, signal, ring: bytes(RING_BYTES), text: bytes(TEXT_BYTES) };
    this.#stream = new Stream({ signal, ring: this.#shared.ring, order: (order) => this.#order(order) });
  }

  /** `live` is called after each read. */
  static async start(memory: WebAssembly.Memory, live: () => void): Promise<SharedReader> {
    const worker = new Worker(new URL('./reader.ts', import.meta.url), { type: 'module', name: self.name });
    const started = new SharedReader(worker, memory, live);
    await new Promise((resolve, reject) => {
      worker.onmessage = resolve;
      worker.onerror = (event) => reject(new Error(event.message || 'the worker that reads could not be loaded'));
      worker.postMessage(started.#shared);
    });
    return started;
  }

  open(chosen: Chosen): Input {
    return openAll(chosen, (file) => {
      const read = (offset: number, bytes: Uint8Array): void => this.#slice(file, offset, bytes);
      return { size: file.size, read, readAfresh: read };
    });
  }

  follow(chosen: Chosen, named: boolean, next: Chosen | null): Input {
    this.#stream.open(chosen.file, named, next?.file ?? null);
    const input = this.open(chosen);
    const read = (offset: number, bytes: Uint8Array): void => {
      const done = this.#stream.fill(offset, bytes);
      this.#live();
      if (done < bytes.length) input.readAfresh(offset + done, bytes.subarray(done));
    };
    return { ...input, read };
  }

  close(): void {
    this.#stream.close();
  }

  #order(order: Order): void {
    this.#worker.postMessage(order);
  }

  #slice(file: File, offset: number, bytes: Uint8Array): void {
    const { signal } = this.#shared;
    const id = ++this.#slices;
    this.#order({ type: 'slice', id, file, offset, address: bytes.byteOffset, length: bytes.length });
    for (;;) {
      const pulse = Atomics.load(signal, PULSE);
      if (Atomics.load(signal, ANSWERED) === id) break;
      Atomics.wait(signal, PULSE, pulse);
    }
    this.#live();
    if (Atomics.load(signal, REFUSED) !== id) return;
    // A decoder takes no shared memory.
    const words = new TextDecoder().decode(this.#shared.text.slice()).replace(/\0+$/, '');
    const { name, message } = JSON.parse(words);
    throw Object.assign(new Error(message), { name });
  }
}
