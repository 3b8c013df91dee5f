// What a file's work waits for, measured around the calls of the browser: two looks at the clock a call.

import type { Waits } from '../protocol.js';
import type { Input } from './slice.js';

/** The part of an access handle that is used. */
export type Output = FileSystemSyncAccessHandle;

export class Times {
  readonly waits: Waits = { reading: 0, writing: 0, proof: 0 };
  readonly #live: () => void;

  /** `live` is called after each write, and where the output is read back. */
  constructor(live: () => void) {
    this.#live = live;
  }

  /** Measures reading an input. */
  reading(input: Input): Input {
    return {
      size: input.size,
      read: this.#measured('reading', (offset: number, bytes: Uint8Array) => input.read(offset, bytes)),
      readAfresh: this.#measured('reading', (offset: number, bytes: Uint8Array) => input.readAfresh(offset, bytes)),
      other: input.other && this.reading(input.other),
    };
  }

  /** Measures writing an output and reading it back. */
  output(handle: FileSystemSyncAccessHandle): Output {
    return {
      write: this.#measured('writing', handle.write.bind(handle)),
      flush: this.#measured('writing', handle.flush.bind(handle)),
      read: this.#measured('proof', handle.read.bind(handle)),
      truncate: (size) => handle.truncate(size),
      getSize: () => handle.getSize(),
      close: () => handle.close(),
    };
  }

  #measured<A extends unknown[], R>(wait: keyof Waits, call: (...words: A) => R): (...words: A) => R {
    return (...words) => {
      const began = performance.now();
      try {
        return call(...words);
      } finally {
        this.waits[wait] += (performance.now() - began) / 1000;
        if (wait !== 'reading') this.#live();
      }
    };
  }
}
