// What the page says of itself, each from the one place where it is said.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT_FOLDER } from './cargo.mjs';

/** Files of the project that go along with the page, and what they are called there: hosts show texts by that ending. */
export const COMPANIONS = {
  'LICENSE-MIT': 'LICENSE-MIT.txt',
  'LICENSE-APACHE': 'LICENSE-APACHE.txt',
  'CITATION.cff': 'CITATION.cff.txt',
};

// As many digits as the command shows.
const SHORT = '--short=12';

const textOf = (name) => readFileSync(join(ROOT_FOLDER, name), 'utf8');

/** What a git command prints in the project; null without git or outside a repository. */
function git(...words) {
  try {
    return execFileSync('git', words, { cwd: ROOT_FOLDER, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}

/** The commit. Sources unpacked inside somebody else's repository are not of its commit. */
function commit() {
  if (git('ls-files', '--error-unmatch', 'Cargo.toml') === null) return 'unknown';
  return git('rev-parse', SHORT, 'HEAD') ?? 'unknown';
}

/** What a manifest says of all packages; null where it says nothing. */
function stated(manifest, key) {
  return new RegExp(`^${key} = "(.*)"$`, 'm').exec(manifest)?.[1] ?? null;
}

/** The values of a key of a citation file, in order, without quotation marks. */
function values(citation, key) {
  return Array.from(citation.matchAll(new RegExp(`^[ -]*${key}: "?(.*?)"?$`, 'gm')), ([, value]) => value);
}

/** The article that the citation file names, on one line, and its address. */
function article(citation) {
  const reference = citation.slice(citation.indexOf('references:'));
  const [title, journal, volume, start, year, doi] = ['title', 'journal', 'volume', 'start', 'year', 'doi'].map((key) => values(reference, key)[0]);
  const given = values(reference, 'given-names');
  const authors = values(reference, 'family-names').map((family, place) => `${given[place]} ${family}`);
  const parts = [authors.join(' and '), title, `${journal} ${volume}, ${start} (${year})`];
  if ([...parts, doi].some((part) => !part || part.includes('undefined'))) throw new Error('CITATION.cff does not name its article as expected');
  return { words: parts.join(', '), doi };
}

/** For the page, see src/page/foot.ts. */
export function about() {
  const manifest = textOf('Cargo.toml');
  const citation = textOf('CITATION.cff');
  return {
    version: stated(manifest, 'version'),
    commit: commit(),
    license: stated(manifest, 'license'),
    repository: stated(manifest, 'repository'),
    cite: { message: values(citation, 'message')[0], title: values(citation, 'title')[0], ...article(citation) },
  };
}
