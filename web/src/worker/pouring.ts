// The reader's side of the ring: pours one file after the other into it, as far as there is room.

import { partsOf, type Parts } from './parts.js';
import { BASES, FAILED, POURED, PULSE, STALLED, STARTED, TAKEN, WANTED, type Next, type Shared } from './slice.js';

// So many bytes after the last look the browser is asked whether the file is still the one chosen:
// a stream asks only when it is opened.
const LOOK_EVERY = 64 * 2 ** 20;

/** Throws where the file has changed or gone. */
async function look(file: File): Promise<void> {
  await file.slice(-1).arrayBuffer();
}

export class Pouring {
  readonly #signal: Int32Array<SharedArrayBuffer>;
  readonly #ring: Uint8Array<SharedArrayBuffer>;
  /** Number of the stream that is wanted; 0 is none. */
  #wanted = 0;
  /** The stream that is wanted is in the ring to its end. */
  #complete = false;
  #next: Next | null = null;
  #resume: (() => void) | null = null;

  constructor({ signal, ring }: Shared) {
    this.#signal = signal;
    this.#ring = ring;
  }

  /** Pours a file from `offset` on; what was poured before ends. */
  pour({ stream, file }: Next, offset: number, next: Next | null): void {
    this.#wanted = stream;
    this.#complete = false;
    this.#next = next;
    this.goOn();
    void this.#run(stream, file, offset);
  }

  /** Names the file to go on with. */
  follow(next: Next): void {
    if (this.#complete) this.pour(next, 0, null);
    else this.#next = next;
  }

  /** Looks for room again. */
  goOn(): void {
    this.#resume?.();
    this.#resume = null;
  }

  /** Pours nothing more. */
  stop(): void {
    this.#wanted = 0;
    this.#complete = false;
    this.#next = null;
    this.goOn();
  }

  async #run(stream: number, file: File, offset: number): Promise<void> {
    const signal = this.#signal;
    Atomics.store(signal, BASES + (stream & 1), Atomics.load(signal, POURED));
    Atomics.store(signal, STARTED, stream);
    this.#wake();
    let source: Parts | null = null;
    try {
      source = partsOf(file.slice(offset).stream());
      let at = offset;
      for (let looked = at; ; ) {
        const part = await source.next();
        if (this.#wanted !== stream || !part) break;
        at += part.length;
        // More than was promised would be taken for the start of the next file.
        if (at > file.size) throw new Error('the file is longer than it was');
        if (!(await this.#put(stream, part))) break;
        if (at - looked < LOOK_EVERY) continue;
        await look(file);
        looked = at;
      }
      if (this.#wanted !== stream) return;
      if (at !== file.size) throw new Error(`the file ended after ${at} of ${file.size} bytes`);
    } catch {
      if (this.#wanted !== stream) return;
      Atomics.store(signal, FAILED, stream);
      this.#wake();
      return;
    } finally {
      void source?.cancel().catch(() => undefined);
    }
    this.#complete = true;
    if (this.#next) this.pour(this.#next, 0, null);
  }

  /** Puts bytes into the ring; false when they are not wanted any more. */
  async #put(stream: number, bytes: Uint8Array): Promise<boolean> {
    const signal = this.#signal;
    const ring = this.#ring;
    for (let done = 0; done < bytes.length; ) {
      const poured = Atomics.load(signal, POURED);
      const room = ring.length - ((poured - Atomics.load(signal, TAKEN)) | 0);
      if (room === 0) {
        await this.#room();
        if (this.#wanted !== stream) return false;
        continue;
      }
      const place = poured & (ring.length - 1);
      const count = Math.min(room, bytes.length - done, ring.length - place);
      ring.set(bytes.subarray(done, done + count), place);
      done += count;
      const now = (poured + count) | 0;
      Atomics.store(signal, POURED, now);
      Atomics.add(signal, PULSE, 1);
      // Waking costs more than a copy: only where enough is there.
      if (((now - Atomics.load(signal, WANTED)) | 0) >= 0) Atomics.notify(signal, PULSE);
    }
    return true;
  }

  /** Waits for room. The other worker speaks up only where it finds this one stalled, so that is said first. */
  async #room(): Promise<void> {
    const signal = this.#signal;
    const resumed = new Promise<void>((resolve) => (this.#resume = resolve));
    Atomics.store(signal, STALLED, 1);
    if (((Atomics.load(signal, POURED) - Atomics.load(signal, TAKEN)) | 0) < this.#ring.length) {
      Atomics.store(signal, STALLED, 0);
      this.goOn();
    }
    await resumed;
  }

  #wake(): void {
    Atomics.add(this.#signal, PULSE, 1);
    Atomics.notify(this.#signal, PULSE);
  }
}
