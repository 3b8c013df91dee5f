// Bundles the page. The WebAssembly modules stay as they are, below a folder named after their
// contents: with threads they start workers from their own address.

import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { defineConfig } from 'vite';
import { COMPANIONS, about } from './scripts/about.mjs';
import { ROOT_FOLDER } from './scripts/cargo.mjs';
import { HEADERS, POLICY } from './scripts/policy.mjs';
import { GENERATED, filesBelow } from './scripts/wasm.mjs';
import { either } from './src/page/fmt.ts';

const MODULES = join(GENERATED, 'wasm');
const DIST = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, 'dist');

function digest(folder) {
  const sum = createHash('sha256');
  for (const file of filesBelow(folder)) sum.update(relative(folder, file)).update('\0').update(readFileSync(file));
  return sum.digest('hex').slice(0, 12);
}

if (!existsSync(MODULES)) throw new Error('no WebAssembly modules yet: run npm run build');
const wasmFolder = `wasm-${digest(MODULES)}`;
const { default: core } = await import('./scripts/module.mjs');

// There from the start: words that come later move what is below them, and a click that was meant for it misses.
const formats = either(core.formats().map(({ name }) => name));

/** Copies the modules, lists every file for the service worker, writes headers for hosts that take them. */
const finish = {
  name: 'finish',
  closeBundle() {
    const isLoaded = (path) => !path.endsWith('.d.ts');
    cpSync(MODULES, join(DIST, wasmFolder), { recursive: true, filter: isLoaded });
    for (const [name, shown] of Object.entries(COMPANIONS)) cpSync(join(ROOT_FOLDER, name), join(DIST, shown));
    const lines = Object.entries(HEADERS).map(([name, value]) => `  ${name}: ${value}\n`);
    writeFileSync(join(DIST, '_headers'), `/*\n${lines.join('')}`);
    const files = filesBelow(DIST).map((file) => relative(DIST, file).split(sep).join('/'));
    const cached = files.filter((file) => file !== 'sw.js' && file !== '_headers');
    const worker = join(DIST, 'sw.js');
    const script = readFileSync(worker, 'utf8');
    const list = JSON.stringify({ version: digest(DIST), files: cached });
    const filled = script.replace(/["'`]FILES_OF_THIS_VERSION["'`]/, () => JSON.stringify(list));
    if (filled === script) throw new Error('sw.js has no place for the list of files');
    writeFileSync(worker, filled);
  },
};

export default defineConfig({
  base: './',
  define: {
    ABOUT: JSON.stringify(about()),
    WASM_FOLDER: JSON.stringify(wasmFolder),
    HEADERS_TO_ADD: JSON.stringify(HEADERS),
  },
  build: {
    target: 'es2022',
    outDir: DIST,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { page: 'index.html', sw: 'src/offline/service-worker.ts' },
      output: { entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
  worker: { format: 'es' },
  plugins: [
    { name: 'words', transformIndexHtml: (html) => html.replace('POLICY', POLICY).replace('FORMATS', formats) },
    finish,
  ],
});
