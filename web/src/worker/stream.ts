// The computing worker's side of the ring: what of a file comes out of it, and when it is poured anew.

import { KEPT, REACH, ROOM, Run, follows, type Place } from './run.js';
import {
  BASES, FAILED, POURED, PULSE, RING_BYTES, STALLED, STARTED, TAKEN, WANTED, type Next, type Order,
} from './slice.js';

/** So many bytes that are read one after the other show that nobody goes back: nothing is kept for that. */
const ORDERLY = 8 * 2 ** 20;

/** A stream ends when so many more bytes were read elsewhere than taken from it. */
const MISSES = 16 * 2 ** 20;

/** A stream that gives nothing for so long, in milliseconds, is left: slices do without it. */
const PATIENCE = 5000;

/** What the stream needs of its worker. */
interface Reading {
  signal: Int32Array<SharedArrayBuffer>;
  ring: Uint8Array<SharedArrayBuffer>;
  order(order: Order): void;
}

export class Stream {
  readonly #reading: Reading;
  /** Number that was given last. */
  #last = 0;
  /** Number of the stream that is read from; 0 is none. */
  #number = 0;
  /** The file that is followed, unless its streams fail. */
  #file: File | null = null;
  /** Offset in the file that the stream begins with. */
  #start = 0;
  /** Offset of the first byte that is still in the ring, or comes. */
  #at = 0;
  /** POURED at the start, once that is known. */
  #base: number | null = null;
  /** Furthest end of what was read, apart from looks ahead. */
  #furthest = 0;
  /** Bytes read elsewhere, bytes that came from the ring, and those of them that followed each other last. */
  #missed = 0;
  #used = 0;
  #orderly = 0;
  readonly #run = new Run();
  #next: Next | null = null;
  /** A stream has given nothing: none is asked for any more. */
  #left = false;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** Reads from a file from now on, which was named before or not, and names the one after it. */
  open(file: File, named: boolean, next: File | null): void {
    if (this.#left) return;
    const known = named ? this.#next : null;
    this.#file = file;
    this.#next = null;
    this.#run.begin(true);
    if (known) {
      this.#begin(known.stream, { start: 0, end: 0 });
      if (next) {
        this.#next = { stream: ++this.#last, file: next };
        this.#reading.order({ type: 'next', next: this.#next });
      }
    } else this.#pour({ start: 0, end: 0 }, next);
  }

  /** Ends with this file; the reader goes on with the next one, or rests. */
  close(): void {
    const { signal, order } = this.#reading;
    const next = this.#next;
    if (!next) {
      this.#number = 0;
      order({ type: 'stop' });
    } else if (this.#number === 0 || Atomics.load(signal, STARTED) !== next.stream) {
      // Not all of this file was wanted, or its stream was ended, and with it what followed.
      next.stream = ++this.#last;
      order({ type: 'pour', ...next, offset: 0, next: null });
    }
  }

  /** Fills as much of `bytes` as comes from the ring: all, nothing or, where the stream is left, a part. */
  fill(offset: number, bytes: Uint8Array): number {
    const { length } = bytes;
    if (!this.#serves(offset, length)) {
      this.#miss(length);
      const place = this.#file && this.#run.add(offset, length);
      if (!place) return 0;
      this.#run.begin(this.#used >= Math.max(MISSES, this.#missed));
      this.#pour(place, this.#next?.file ?? null);
    }
    const moves = this.#reaches(offset);
    this.#used += length;
    if (!moves) {
      this.#copy(offset, bytes);
      return length;
    }
    if (!follows(offset, this.#furthest)) this.#orderly = 0;
    for (let done = 0; done < length; ) {
      const next = Math.min(done + ROOM, length);
      const end = offset + next;
      // What is waited for always has room: all before it but KEPT bytes is given back first.
      this.#take(end - KEPT);
      if (!this.#wait(end)) return done;
      this.#copy(offset + done, bytes.subarray(done, next));
      this.#furthest = Math.max(this.#furthest, end);
      this.#orderly += next - done;
      if (this.#orderly >= ORDERLY) this.#take(end);
      done = next;
    }
    return length;
  }

  /** Ends a stream that most reads pass by, as those of very large volumes' bricks do: it would only read all of it once more. */
  #miss(length: number): void {
    this.#missed += length;
    if (this.#number === 0 || this.#missed <= this.#used + MISSES) return;
    this.#number = 0;
    this.#reading.order({ type: 'stop' });
  }

  /** Whether a read comes from the ring; else a slice is read. */
  #serves(offset: number, length: number): boolean {
    if (this.#number === 0 || offset < this.#at) return false;
    return this.#reaches(offset) || (this.#base !== null && offset + length <= this.#at + this.#available());
  }

  /** Whether a read is waited for and moves the ring on; others only look, lest a file be poured of which little is read. */
  #reaches(offset: number): boolean {
    return offset - this.#furthest <= REACH && offset - this.#start <= this.#used + KEPT + REACH;
  }

  #pour(place: Place, next: File | null): void {
    const stream = ++this.#last;
    this.#next = next ? { stream: ++this.#last, file: next } : null;
    this.#reading.order({ type: 'pour', stream, file: this.#file!, offset: place.start, next: this.#next });
    this.#begin(stream, place);
  }

  #begin(stream: number, { start, end }: Place): void {
    this.#number = stream;
    this.#start = this.#at = start;
    this.#furthest = end;
    this.#base = null;
    this.#missed = this.#used = this.#orderly = 0;
  }

  /** Count of the byte at an offset. */
  #count(offset: number): number {
    return (this.#base! + (offset - this.#start)) | 0;
  }

  #available(): number {
    const { signal } = this.#reading;
    // The next file may have been poured behind it.
    const there = (Atomics.load(signal, POURED) - this.#count(this.#at)) | 0;
    return Math.min(there, this.#file!.size - this.#at);
  }

  /** Sleeps until the ring holds the file up to `end`. False: the stream gives nothing more, and is left. */
  #wait(end: number): boolean {
    const { signal, order } = this.#reading;
    for (;;) {
      const pulse = Atomics.load(signal, PULSE);
      if (this.#base === null && ((Atomics.load(signal, STARTED) - this.#number) | 0) >= 0) {
        this.#base = Atomics.load(signal, BASES + (this.#number & 1));
        this.#take(this.#at);
      }
      if (this.#base !== null) {
        const there = this.#at + this.#available();
        if (there >= end) return true;
        Atomics.store(signal, WANTED, this.#count(end));
        // It may have come before the reader saw what is wanted.
        if (this.#at + this.#available() >= end) return true;
      }
      if (Atomics.load(signal, FAILED) === this.#number) return this.#leave();
      const poured = Atomics.load(signal, POURED);
      if (Atomics.wait(signal, PULSE, pulse, PATIENCE) === 'timed-out' && Atomics.load(signal, POURED) === poured) {
        this.#left = true;
        this.#next = null;
        order({ type: 'stop' });
        return this.#leave();
      }
    }
  }

  /** Reads the rest of the file without a stream: slices work, or tell what is wrong. */
  #leave(): false {
    this.#number = 0;
    this.#file = null;
    return false;
  }

  #copy(offset: number, bytes: Uint8Array): void {
    const { ring } = this.#reading;
    const place = this.#count(offset) & (RING_BYTES - 1);
    const first = Math.min(bytes.length, RING_BYTES - place);
    bytes.set(ring.subarray(place, place + first));
    if (first < bytes.length) bytes.set(ring.subarray(0, bytes.length - first), first);
  }

  /** Gives the ring back up to an offset, if that is known to be in it. */
  #take(offset: number): void {
    const { signal, order } = this.#reading;
    this.#at = Math.max(this.#at, offset);
    if (this.#base === null) return;
    const taken = this.#count(this.#at);
    Atomics.store(signal, TAKEN, taken);
    const room = RING_BYTES - ((Atomics.load(signal, POURED) - taken) | 0);
    if (room >= ROOM && Atomics.compareExchange(signal, STALLED, 1, 0) === 1) order({ type: 'more' });
  }
}
