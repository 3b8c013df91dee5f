// The worker that holds the WebAssembly module: does all input and output, and has the pool compute.

import type * as Module from '../../generated/wasm/threads/e2compress.js';
import { messageOf } from '../problem.js';
import type { Choice, Chosen, Compression, Expansion, Inspection, Place, Rendering, Reply, Request, Start, Work } from '../protocol.js';
import { crc32 } from './crc32.js';
import { OwnReader, SharedReader, type Reader } from './input.js';
import { holdWhileAlive } from './liveness.js';
import { Looks, type Core } from './look.js';

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
const say = (reply: Reply, transfer: Transferable[] = []): void => scope.postMessage(reply, transfer);

let module: typeof Module;
let memory: WebAssembly.Memory;
let wave = LEAST_WAVE_PIXELS;
let reader: Reader = new OwnReader();
/** Made for the first file; it keeps its memory for the next. */
let compressor: Module.Compressor | null = null;
const looks = new Looks();

scope.addEventListener(
  'message',
  async (event: MessageEvent<Start>) => {
    try {
      await start(event.data);
      scope.addEventListener('message', (next: MessageEvent<Request>) => void answer(next.data));
      say({ type: 'ready' });
    } catch (problem) {
      say({ type: 'unusable', message: messageOf(problem) });
    }
  },
  { once: true },
);

async function start({ modules, threads }: Start): Promise<void> {
  await holdWhileAlive(`${scope.name} coordinator`);
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

async function answer(request: Request): Promise<void> {
  const { id } = request;
  try {
    switch (request.type) {
      case 'formats':
        say({ type: 'formats', id, formats: module.formats() });
        break;
      case 'inspect':
        say({ type: 'inspected', id, inspection: inspect(request.file, request.eer) });
        break;
      case 'check':
        say({ type: 'checked', id, problem: check(request.choice) });
        break;
      case 'checksum':
        say({ type: 'summed', id, crc: await crc32(request.file) });
        break;
      case 'make':
        await make(id, request.file, request.place, request.choice);
        break;
      default:
        say(...looks.answer(core(), request, progressOf(id)));
    }
  } catch (problem) {
    if (problem instanceof WebAssembly.RuntimeError) {
      say({ type: 'broken', message: `out of memory, or a fault of the program (${messageOf(problem)})` });
    } else say({ type: 'failed', id, message: messageOf(problem) });
  }
}

/** The core's rendering, for one call of the module, which takes it. */
function renderingOf(eer: Rendering | null): Module.Rendering {
  const { fractions, grouping, upsampling } = eer ?? { fractions: null, grouping: null, upsampling: null };
  return new module.Rendering(fractions ?? undefined, grouping ?? undefined, upsampling ?? 1);
}

/** What the module is asked through to show a file. */
function core(): Core {
  return { module, open: (file) => reader.open(file), rendering: renderingOf, settings: settingsOf };
}

function inspect(file: Chosen, eer: Rendering | null): Inspection {
  return module.inspect(reader.open(file), file.name, renderingOf(eer)) as Inspection;
}

function settingsOf({ bits, level, limits }: Compression): Module.Settings {
  const settings = new module.Settings(bits, level ?? undefined);
  if (limits.kind === 'nooutliers') settings.noOutliers();
  if (limits.kind === 'explicit') settings.range(limits.first, limits.second);
  if (limits.kind === 'sigma') settings.sigmaRange(limits.first, limits.second);
  settings.memory(HOLD_BYTES, wave);
  return settings;
}

function check(choice: Choice): string | null {
  try {
    renderingOf(choice.eer).free();
    if (choice.way === 'compress') settingsOf(choice).free();
    return null;
  } catch (problem) {
    return messageOf(problem);
  }
}

type Progress = (done: number, total: number) => void;

/** Tells how far the answer to a question is, now and then. */
function progressOf(id: number): Progress {
  let told = 0;
  return (done, total) => {
    const now = performance.now();
    if (now - told < TELL_EVERY && done < total) return;
    told = now;
    say({ type: 'progress', id, done, total });
  };
}

function compress(file: Chosen, output: FileSystemSyncAccessHandle, choice: Compression & Choice, progress: Progress): Work {
  const settings = settingsOf(choice);
  const into = (compressor ??= new module.Compressor());
  const report = into.compress(reader.open(file), file.name, output, settings, renderingOf(choice.eer), progress);
  settings.free();
  return { way: 'compress', bits: choice.bits, report };
}

function expand(file: Chosen, output: FileSystemSyncAccessHandle, { mode, eer }: Expansion & Choice, progress: Progress): Work {
  const report = module.expand(reader.open(file), file.name, output, mode, renderingOf(eer), progress);
  return { way: 'expand', report };
}

async function make(id: number, file: Chosen, place: Place, choice: Choice): Promise<void> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(place.folder, { create: true });
  const output = await (await folder.getFileHandle(place.name, { create: true })).createSyncAccessHandle();
  let kept = false;
  try {
    output.truncate(0);
    const began = performance.now();
    const progress = progressOf(id);
    const work =
      choice.way === 'compress' ? compress(file, output, choice, progress) : expand(file, output, choice, progress);
    output.flush();
    const promised = work.report.output_bytes;
    if (output.getSize() !== promised) {
      throw new Error(`the browser's storage kept ${output.getSize()} of ${promised} bytes`);
    }
    output.close();
    kept = true;
    const seconds = (performance.now() - began) / 1000;
    say({ type: 'made', id, made: { ...work, seconds, memoryBytes: memory.buffer.byteLength } });
  } finally {
    if (!kept) {
      output.close();
      await folder.removeEntry(place.name).catch(() => undefined);
    }
  }
}
