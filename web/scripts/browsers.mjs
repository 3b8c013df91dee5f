// Where the browsers are that the page is tested in. `node scripts/browsers.mjs PACKAGE` ends with 0 if that one is there.

import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** Debian packages, and what shows that one is there. */
export const BROWSERS = {
  chromium: () => existsSync('/usr/bin/chromium') || process.env.E2COMPRESS_CHROMIUM,
  'firefox-esr': () => existsSync('/usr/bin/firefox-esr') || process.env.E2COMPRESS_FIREFOX,
};

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exit(BROWSERS[process.argv[2]]?.() ? 0 : 1);
}
