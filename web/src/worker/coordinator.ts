// The worker that holds the WebAssembly module: does all input and output, and has the pool compute.

import type * as Module from '../../generated/wasm/threads/e2compress.js';
import { messageOf } from '../problem.js';
import type { Choice, Chosen, Compression, Expansion, Inspection, Rendering, Reply, Request, Start, Verification, Work } from '../protocol.js';
import { crc32 } from './crc32.js';
import { OwnReader, SharedReader, type Reader } from './input.js';
import { holdWhileAlive } from './liveness.js';
import { Looks, type Core } from './look.js';
import { fingerprint, lineOf, readRecord } from './record.js';
import type { Input } from './slice.js';
import { Times, type Output } from './times.js';

// Bytes of images held at once; while they are computed as many more are read ahead. Larger images
// are read once for each pass. Both together, and the buffers, stay well below 1 GB.
const HOLD_BYTES = 64 * 2 ** 20;

// The same for what is only measured, beside a file that is worked on.
const LOOK_BYTES = 16 * 2 ** 20;

// Pixels computed between two writes: for each thread so that all have work, within bounds.
const LEAST_WAVE_PIXELS = 2 ** 20;
const MOST_WAVE_PIXELS = 8 * 2 ** 20;
const WAVE_PIXELS_PER_THREAD = 512 * 2 ** 10;

// Progress is told this often, in milliseconds, and that it goes on where nothing else is told.
const TELL_EVERY = 100;
const LIVE_EVERY = 10_000;

const scope = self as DedicatedWorkerGlobalScope;
const say = (reply: Reply, transfer: Transferable[] = []): void => scope.postMessage(reply, transfer);

let module: typeof Module;
let memory: WebAssembly.Memory;
let wave = LEAST_WAVE_PIXELS;
let reader: Reader = new OwnReader(live);
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
    reader = await SharedReader.start(memory, live);
    wave = Math.min(MOST_WAVE_PIXELS, Math.max(LEAST_WAVE_PIXELS, WAVE_PIXELS_PER_THREAD * threads));
  }
}

let lived = 0;

/** Tells now and then that it reads or writes, as it does for minutes without progress where a large output is read back. */
function live(): void {
  const now = performance.now();
  if (now - lived < LIVE_EVERY) return;
  lived = now;
  say({ type: 'alive' });
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
        say({ type: 'summed', id, crc: await crc32(request.file, progressOf(id)) });
        break;
      case 'options':
        say({ type: 'options', id, options: optionsOf(request.choice) });
        break;
      case 'fingerprint':
        say({ type: 'fingerprint', id, sha256: await fingerprint(module, request.file, progressOf(id)) });
        break;
      case 'record':
        say({ type: 'record', id, record: await readRecord(module, request.file) });
        break;
      case 'line':
        say({ type: 'line', id, line: lineOf(module, request.line) });
        break;
      case 'grown':
        say({ type: 'grown', id, words: module.grown(request.grew, request.files) });
        break;
      case 'verify':
        say({ type: 'verified', id, verification: verify(request.output, request.file, progressOf(id)) });
        break;
      case 'make':
        await make(request);
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
  return {
    module,
    open: (file) => reader.open(file),
    follow: (file) => reader.follow(file, false, null),
    close: () => reader.close(),
    rendering: renderingOf,
    settings: (choice) => settingsOf(choice, LOOK_BYTES),
  };
}

function inspect(file: Chosen, eer: Rendering | null): Inspection {
  return module.inspect(reader.open(file), file.name, renderingOf(eer)) as Inspection;
}

function settingsOf({ bits, level, limits }: Compression, hold = HOLD_BYTES): Module.Settings {
  const settings = new module.Settings(bits, level ?? undefined);
  if (limits.kind === 'nooutliers') settings.noOutliers();
  if (limits.kind === 'explicit') settings.range(limits.first, limits.second);
  if (limits.kind === 'sigma') settings.sigmaRange(limits.first, limits.second);
  settings.memory(hold, wave);
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

/** What decides an output's bytes, as a record has it; of expansions there is none. */
function optionsOf(choice: Choice): string | null {
  if (choice.way !== 'compress') return null;
  const settings = settingsOf(choice);
  const options = module.recordedOptions(settings, renderingOf(choice.eer));
  settings.free();
  return options;
}

function verify(output: Chosen, file: Chosen, progress: Progress): Verification {
  const [written, read] = [reader.open(output), reader.open(file)];
  return module.verify(written, output.name, read, file.name, HOLD_BYTES, wave, progress) as Verification;
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

function compress(input: Input, name: string, output: Output, choice: Compression & Choice, progress: Progress): Work {
  const settings = settingsOf(choice);
  const into = (compressor ??= new module.Compressor());
  const report = into.compress(input, name, output, settings, renderingOf(choice.eer), progress);
  settings.free();
  return { way: 'compress', bits: choice.bits, report };
}

function expand(input: Input, name: string, output: Output, { mode, eer }: Expansion & Choice, progress: Progress): Work {
  const report = module.expand(input, name, output, mode, renderingOf(eer), progress);
  return { way: 'expand', report };
}

async function make({ id, file, named, next, place, choice }: Extract<Request, { type: 'make' }>): Promise<void> {
  const began = performance.now();
  // The reader begins while the output is created.
  const times = new Times(live);
  const input = times.reading(reader.follow(file, named, next));
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(place.folder, { create: true });
    const handle = await (await folder.getFileHandle(place.name, { create: true })).createSyncAccessHandle();
    let kept = false;
    try {
      const output = times.output(handle);
      output.truncate(0);
      const progress = progressOf(id);
      const work =
        choice.way === 'compress'
          ? compress(input, file.name, output, choice, progress)
          : expand(input, file.name, output, choice, progress);
      output.flush();
      const promised = work.report.output_bytes;
      if (output.getSize() !== promised) {
        throw new Error(`the browser's storage kept ${output.getSize()} of ${promised} bytes`);
      }
      output.close();
      kept = true;
      const seconds = (performance.now() - began) / 1000;
      const made = { ...work, seconds, waits: times.waits, memoryBytes: memory.buffer.byteLength };
      say({ type: 'made', id, made });
    } finally {
      if (!kept) {
        handle.close();
        await folder.removeEntry(place.name).catch(() => undefined);
      }
    }
  } finally {
    reader.close();
  }
}
