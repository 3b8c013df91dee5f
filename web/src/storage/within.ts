// Promises of the browser that may never be kept.

// Storage answers within moments, on a busy machine within seconds; in milliseconds.
const LONGEST = 120_000;

/** Waits for what the browser's storage promised, but not for ever. */
export async function within<T>(promised: Promise<T>): Promise<T> {
  let timer = 0;
  const late = new Promise<never>((_, reject) => {
    timer = window.setTimeout(() => reject(new Error("the browser's storage does not answer")), LONGEST);
  });
  return Promise.race([promised, late]).finally(() => clearTimeout(timer));
}
