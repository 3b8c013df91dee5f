// A stream of bytes, part by part.

// As many as a browser has at hand when it reads a file.
const PART_BYTES = 2 ** 20;

/** Gives one part after the other; each is there until the next one is asked for. */
export interface Parts {
  /** Null at the end. */
  next(): Promise<Uint8Array | null>;
  cancel(): Promise<void>;
}

/**
 * Has all parts written into the same memory. A browser that cannot gives memory of its own to each, which stays for as
 * long as it likes: with a large file that are hundreds of megabytes.
 */
export function partsOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Parts {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = stream.getReader({ mode: 'byob' });
  } catch {
    return ownParts(stream.getReader());
  }
  let memory = new ArrayBuffer(PART_BYTES);
  return {
    async next() {
      const { value, done } = await reader.read(new Uint8Array(memory));
      // It comes back as another object.
      if (value) memory = value.buffer;
      return done || !value ? null : value;
    },
    cancel: () => reader.cancel(),
  };
}

function ownParts(reader: ReadableStreamDefaultReader<Uint8Array>): Parts {
  return {
    next: async () => (await reader.read()).value ?? null,
    cancel: () => reader.cancel(),
  };
}
