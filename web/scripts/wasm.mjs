// Builds the two WebAssembly modules into generated/: with threads, and without.

import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TARGET, WEB, bindgen, start, startBindgen, wasmCargo } from './cargo.mjs';
import { wasmToolchain } from './toolchain.mjs';

const VARIANTS = { threads: ['--features', 'threads'], single: [] };
export const GENERATED = join(WEB, 'generated');
const NAME = 'e2compress';

/** All files below a folder, in a fixed order. */
export function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
}

/** A digest of everything the modules are made from. */
function sources() {
  const parts = ['../core/src', '../core/Cargo.toml', 'wasm', 'bindgen', 'Cargo.toml', 'Cargo.lock', 'scripts/wasm.mjs'];
  const digest = createHash('sha256');
  for (const part of parts) {
    const path = join(WEB, part);
    const files = part.includes('.toml') || part.includes('.lock') || part.includes('.mjs') ? [path] : filesBelow(path);
    for (const file of files) digest.update(relative(WEB, file)).update('\0').update(readFileSync(file));
  }
  return digest.digest('hex');
}

/** Replaces the worker start-up that comes with wasm-bindgen-rayon; wasm/pool.js says why. */
function replacePool(folder) {
  const snippet = filesBelow(folder).find((file) => file.endsWith('workerHelpers.no-bundler.js'));
  if (snippet === undefined) throw new Error('wasm-bindgen-rayon has changed: its worker helper was not found');
  copyFileSync(join(WEB, 'wasm/pool.js'), snippet);
}

/** Builds what is out of date. */
export async function buildWasm() {
  const stamp = join(GENERATED, 'stamp');
  const digest = sources();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  const toolchain = wasmToolchain();
  console.log(`WebAssembly: ${toolchain.name}`);
  const words = ['build', '--locked', '--release', '--target', 'wasm32-unknown-unknown', '--package', 'e2compress-web'];
  // All at once: the last step of each takes one core and most of the time.
  await Promise.all([
    ...Object.entries(VARIANTS).map(([variant, features]) => wasmCargo(start, toolchain, variant, [...words, ...features])),
    startBindgen(),
  ]);
  for (const variant of Object.keys(VARIANTS)) {
    const module = join(TARGET, variant, 'wasm32-unknown-unknown/release/e2compress_web.wasm');
    bindgen(module, join(GENERATED, 'wasm', variant), NAME);
    if (variant === 'threads') replacePool(join(GENERATED, 'wasm', variant));
  }
  writeFileSync(stamp, digest);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await buildWasm();
  } catch (problem) {
    console.error(problem.message);
    process.exit(1);
  }
}
