// Showing what changes faster than anybody looks.

// A tab in the background makes no pictures, but its title is seen; in milliseconds.
const UNSEEN = 500;

/** Returns a function that has `show` called before the next picture, once however often it is called. */
export function oncePerFrame(show: () => void): () => void {
  let timer: number | null = null;
  const now = (): void => {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    show();
  };
  return () => {
    if (timer !== null) return;
    timer = window.setTimeout(now, UNSEEN);
    requestAnimationFrame(now);
  };
}
