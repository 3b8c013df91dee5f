// npm test: installs what is missing, builds, runs every suite, and counts. npm test -- --no-install installs nothing.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { BROWSERS } from './browsers.mjs';
import { build, installPackages } from './build.mjs';
import { WEB, run as command } from './cargo.mjs';
import { wasmToolchain } from './toolchain.mjs';
import { filesBelow } from './wasm.mjs';

const NO_INSTALL = '--no-install';
const WORDS = process.argv.slice(2);
// Some of the suites, when they are named: npm test -- page hosting
const SUITES = WORDS.filter((word) => word !== NO_INSTALL);
// What says how quick the page is to a person's hand has the machine to itself.
const TIMED = ['list', 'look', 'look-core'];

/** Debian packages, and what shows that one is there. */
const PACKAGES = {
  ...BROWSERS,
  'rustc-web cargo-web rust-web-src lld-22': () => {
    try {
      return wasmToolchain();
    } catch {
      return false;
    }
  },
};

function installDistributionPackages() {
  const missing = Object.entries(PACKAGES).filter(([, isThere]) => !isThere()).flatMap(([names]) => names.split(' '));
  if (missing.length === 0) return;
  const root = process.getuid?.() === 0;
  if (!root || !existsSync('/usr/bin/apt-get')) {
    console.log(`Not installed, as this needs root on Debian: ${missing.join(' ')}`);
    return;
  }
  const apt = (...words) => spawnSync('apt-get', words, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  apt('update', '-qq');
  apt('install', '-y', '-qq', '--no-install-recommends', ...missing);
}

/** Counts tests, not the files and groups they are in. */
function counter(counts) {
  return new Transform({
    objectMode: true,
    transform(event, _, done) {
      const { type, data } = event;
      const isGroup = data?.details?.type === 'suite';
      if (type === 'test:pass' && !isGroup) counts[data.skip === undefined ? 'passed' : 'skipped']++;
      if (type === 'test:fail' && data.details.error.failureType !== 'subtestsFailed') counts.failed++;
      done(null, event);
    },
  });
}

const counts = { passed: 0, failed: 0, skipped: 0 };
try {
  if (!WORDS.includes(NO_INSTALL)) {
    installDistributionPackages();
    installPackages();
  }
  await build();
  const { commandLine } = await import('../tests/expected.mjs');
  commandLine(); // now, so that no test waits for it
  command('npm', ['run', '--silent', 'types']);
  const all = filesBelow(join(WEB, 'tests')).filter((file) => file.endsWith('.test.mjs'));
  const files = SUITES.length > 0 ? all.filter((file) => SUITES.some((suite) => file.endsWith(`/${suite}.test.mjs`))) : all;
  const isTimed = (file) => TIMED.some((suite) => file.endsWith(`/${suite}.test.mjs`));
  // Two at a time: much of a suite's time is spent waiting for browsers to start and to tell.
  for (const [some, concurrency] of [[files.filter((file) => !isTimed(file)), 2], [files.filter(isTimed), 1]]) {
    if (some.length === 0) continue;
    await pipeline(run({ files: some, concurrency }), counter(counts), new spec(), process.stdout, { end: false });
  }
} catch (problem) {
  console.error(problem.message);
  counts.failed++;
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed > 0 ? 1 : 0);
