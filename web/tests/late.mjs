// A page on a machine that has no time for it: pictures of the screen and answers of workers come so many milliseconds
// later. What a test reads once although it comes with the next picture or answer is then not there yet, every time.

/** How late, for all of Chromium's suites: E2COMPRESS_LATE=300 npm test. Limits in milliseconds break, and nothing else. */
export const LATE = Number(process.env.E2COMPRESS_LATE ?? 0);

/** Runs in the page before its own scripts. */
export function MAKE_LATE(milliseconds) {
  const picture = self.requestAnimationFrame.bind(self);
  self.requestAnimationFrame = (show) => setTimeout(() => picture(show), milliseconds);
  self.Worker = class extends Worker {
    // Timers of one length fire in their order, as messages come.
    set onmessage(take) {
      super.onmessage = (event) => setTimeout(() => take.call(this, event), milliseconds);
    }
  };
}
