// The worker that holds the WebAssembly module: does all input and output, and has the pool compute.

import type * as Module from '../../generated/wasm/threads/e2compress.js';
import { crc32 } from './crc32.js';
import { OwnReader, SharedReader, type Reader } from './input.js';
import type { Choice, Place, Reply, Request, Start } from '../protocol.js';

// Bytes of images held at once; while they are computed as many more are read ahead. Larger images
// are read once for each pass. Both together, and the buffers, stay well below 1 GB.
const HOLD_BYTES = 128 * 2 ** 20;

// Pixels computed between two writes: for each thread so that all have work, within bounds.
const LEAST_WAVE_PIXELS = 2 ** 20;
const MOST_WAVE_PIXELS = 8 * 2 ** 20;
const WAVE_PIXELS_PER_THREAD = 512 * 2 ** 10;

// Progress is told this often, in milliseconds.
const TELL_EVERY = 100;

const scope = self as DedicatedWorkerGlobalScope;
const say = (reply: Reply): void => scope.postMessage(reply);

let module: typeof Module;
let memory: WebAssembly.Memory;
let wave = LEAST_WAVE_PIXELS;
let reader: Reader = new OwnReader();
/** Made for the first file; it keeps its memory for the next. */
let compressor: Module.Compressor | null = null;

scope.addEventListener(
  'message',
  async (event: MessageEvent<Start>) => {
    try {
      await start(event.data);
      scope.addEventListener('message', (next: MessageEvent<Request>) => void answer(next.data));
      say({ type: 'ready' });
    } catch (problem) {
      say({ type: 'unusable', message: words(problem) });
    }
  },
  { once: true },
);

async function start({ modules, threads }: Start): Promise<void> {
  const address = new URL(`${threads > 0 ? 'threads' : 'single'}/e2compress.js`, modules);
  module = (await import(/* @vite-ignore */ address.href)) as typeof Module;
  ({ memory } = await module.default());
  module.tellPanics();
  if (threads > 0) {
    await module.initThreadPool(threads);
    reader = await SharedReader.start(memory);
    wave = Math.min(MOST_WAVE_PIXELS, Math.max(LEAST_WAVE_PIXELS, WAVE_PIXELS_PER_THREAD * threads));
  }
}

function words(problem: unknown): string {
  return problem instanceof Error ? problem.message : String(problem);
}

async function answer(request: Request): Promise<void> {
  const { id } = request;
  try {
    switch (request.type) {
      case 'inspect':
        say({ type: 'inspected', id, inspected: inspect(request.file) });
        break;
      case 'check':
        say({ type: 'checked', id, problem: check(request.choice) });
        break;
      case 'checksum':
        say({ type: 'summed', id, crc: await crc32(request.file) });
        break;
      case 'compress':
        await compress(id, request.file, request.place, request.choice);
    }
  } catch (problem) {
    if (problem instanceof WebAssembly.RuntimeError) {
      say({ type: 'broken', message: `out of memory, or a fault of the program (${words(problem)})` });
    } else say({ type: 'failed', id, message: words(problem) });
  }
}

function inspect(file: File) {
  const found = module.inspect(reader.open(file), file.name);
  const { images, nx, ny, nz, mode, pixelSize } = found;
  found.free();
  return { images, nx, ny, nz, mode, pixelSize };
}

function settingsOf({ bits, level, limits }: Choice): Module.Settings {
  const settings = new module.Settings(bits, level ?? undefined);
  if (limits.kind === 'nooutliers') settings.noOutliers();
  if (limits.kind === 'explicit') settings.range(limits.first, limits.second);
  if (limits.kind === 'sigma') settings.sigmaRange(limits.first, limits.second);
  settings.memory(HOLD_BYTES, wave);
  return settings;
}

function check(choice: Choice): string | null {
  try {
    settingsOf(choice).free();
    return null;
  } catch (problem) {
    return words(problem);
  }
}

async function compress(id: number, file: File, place: Place, choice: Choice): Promise<void> {
  const settings = settingsOf(choice);
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(place.folder, { create: true });
  const output = await (await folder.getFileHandle(place.name, { create: true })).createSyncAccessHandle();
  let kept = false;
  try {
    output.truncate(0);
    const began = performance.now();
    let told = 0;
    const progress = (done: number, total: number): void => {
      const now = performance.now();
      if (now - told < TELL_EVERY && done < total) return;
      told = now;
      say({ type: 'progress', id, done, total });
    };
    compressor ??= new module.Compressor();
    const outcome = compressor.compress(reader.open(file), file.name, output, settings, progress);
    const { outputBytes, pixels, truncated, range, step, warnings } = outcome;
    outcome.free();
    output.flush();
    if (output.getSize() !== outputBytes) {
      throw new Error(`the browser's storage kept ${output.getSize()} of ${outputBytes} bytes`);
    }
    output.close();
    kept = true;
    const seconds = (performance.now() - began) / 1000;
    const memoryBytes = memory.buffer.byteLength;
    const compressed = { outputBytes, pixels, truncated, range, step, warnings, seconds, memoryBytes };
    say({ type: 'compressed', id, compressed });
    settings.free();
  } finally {
    if (!kept) {
      output.close();
      await folder.removeEntry(place.name).catch(() => undefined);
    }
  }
}
