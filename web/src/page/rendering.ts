// How the images of a movie are made, as text that is the same for the same way.

import type { Rendering } from '../protocol.js';

/** Unless the settings say otherwise. */
export const PLAIN = keyOf({ fractions: null, grouping: null, upsampling: null });

export function keyOf({ fractions, grouping, upsampling }: Rendering): string {
  return JSON.stringify([fractions, grouping, upsampling]);
}

/** The way that such a text names. */
export function renderingFrom(key: string): Rendering {
  const [fractions, grouping, upsampling] = JSON.parse(key) as [number | null, number | null, number | null];
  return { fractions, grouping, upsampling };
}
