// Showing what changes faster than anybody looks.

/** Returns a function that has `show` called before the next picture, once however often it is called. */
export function oncePerFrame(show: () => void): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      show();
    });
  };
}
