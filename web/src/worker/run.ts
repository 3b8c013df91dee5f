// Reads of a file that no stream serves, as long as they lie together: from there a stream would serve them.

import { RING_BYTES } from './slice.js';

/** The reader goes on when so much room is there, and not for every few bytes. */
export const ROOM = RING_BYTES / 8;

/** Bytes behind the furthest read that the ring keeps for reads that go back, with room beside them for what is waited for. */
export const KEPT = RING_BYTES - 2 * ROOM;

/** A read is waited for though it begins so far beyond the furthest one. */
export const REACH = 8 * 2 ** 20;

/** One read follows the other if it begins so near to its end. */
const NEAR = 64 * 2 ** 10;

/** Bytes that make a run of the reads of one place: headers, trees and directories are shorter. */
const LEAST = 2 ** 20;

/** They make one only where one byte in so many, at least, was read. */
const SPARSE = 4;

export function follows(offset: number, end: number): boolean {
  return Math.abs(offset - end) <= NEAR;
}

/** Where a stream is to begin, and how far its file was read. */
export interface Place {
  start: number;
  end: number;
}

export class Run {
  /** From the first read to the furthest end. */
  #start = 0;
  #end = -1;
  #bytes = 0;
  /** Bytes that were read in other places meanwhile. */
  #elsewhere = 0;
  /** Each read follows the one before. */
  #orderly = true;
  /** Bytes that make a run. */
  #least = LEAST;

  /** Forgets what was read. */
  reset(): void {
    this.#end = -1;
    this.#bytes = 0;
    this.#elsewhere = 0;
    this.#orderly = true;
  }

  /** A stream is begun: when it was of little use the next one takes a run of twice the length. */
  begin(useful: boolean): void {
    this.#least = useful ? LEAST : 2 * this.#least;
    this.reset();
  }

  /** Adds a read; the place of the run once that is long enough. */
  add(offset: number, length: number): Place | null {
    const end = this.#end;
    const goesOn = offset >= Math.max(this.#start, end - KEPT) && offset <= end + REACH;
    if (end < 0 || !goesOn) {
      this.#elsewhere += length;
      if (this.#elsewhere * SPARSE <= this.#bytes) return null;
      this.reset();
      this.#start = offset;
      this.#end = offset + length;
      this.#bytes = length;
      return null;
    }
    this.#bytes += length;
    this.#end = Math.max(end, offset + length);
    this.#orderly &&= follows(offset, end);
    if (this.#bytes < this.#least || this.#bytes * SPARSE < this.#end - this.#start) return null;
    // In order nothing of what was read is wanted again.
    return this.#orderly ? { start: offset, end: offset } : { start: Math.max(this.#start, end - KEPT), end };
  }
}
