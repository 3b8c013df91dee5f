// npm run build: the static files of the page, in dist/.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WEB, run } from './cargo.mjs';
import { buildWasm } from './wasm.mjs';

/** Installs the packages that the lock file names, once. */
export function installPackages() {
  if (!existsSync(join(WEB, 'node_modules/.package-lock.json'))) run('npm', ['ci', '--no-audit', '--no-fund']);
}

/** Builds everything that is out of date, and the page. */
export async function build() {
  installPackages();
  await buildWasm();
  run(process.execPath, [join(WEB, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn']);
}

if (process.argv[1].endsWith('build.mjs')) {
  try {
    await build();
    console.log(`The page is in ${join(WEB, 'dist')}`);
  } catch (problem) {
    console.error(problem.message);
    process.exit(1);
  }
}
