// Waiting for what is asserted: on a busy machine everything comes later, and what comes with the next picture of the
// screen or with an answer of a worker is not there yet when it is read once.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

/** What takes moments may take so long beside other programs, in milliseconds. */
export const PATIENCE = 90_000;

/** What many files may take; the page itself ends a worker that says nothing for three minutes, and begins anew. */
export const SETTLING = 360_000;

/** Waits until all is drawn that the page knows by now, in either driver. */
export function drawn(page) {
  return page.evaluate(async () => {
    for (let pictures = 0; pictures < 3; pictures++) await new Promise((resolve) => requestAnimationFrame(resolve));
  });
}

/** Repeats a check until what it asserts holds; fails with what it found last. */
export async function soon(check, patience = PATIENCE) {
  for (const end = performance.now() + patience; ; await pause(20)) {
    try {
      return await check();
    } catch (problem) {
      if (!(problem instanceof assert.AssertionError) || performance.now() > end) throw problem;
    }
  }
}

/** Measures until something is quick enough, several times at most: the best counts, as others compute on this machine, too. */
export async function best(measure, limit, rounds = 12) {
  const found = [];
  do found.push(await measure());
  while (Math.min(...found) >= limit && found.length < rounds);
  return { best: Math.min(...found), found };
}
