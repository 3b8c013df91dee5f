// What the page says of itself; the build puts it in, see scripts/about.mjs.

/** Which program this is, and how it may be used and cited. */
export interface About {
  version: string;
  /** That it was built from, or "unknown". */
  commit: string;
  license: string;
  /** Where its sources are, if that is stated. */
  repository: string | null;
  /** What the citation file says, and the article that it names. */
  cite: { message: string; title: string; words: string; doi: string };
}

declare const ABOUT: About;

export const about: About = ABOUT;
