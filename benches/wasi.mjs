// Runs a program compiled for WASI: wasi.mjs PROGRAM.wasm WORD...
// It gets arguments, standard output and a clock: the CPU time of this process, as the machine may have other things
// to do. Node's own WASI crashes on larger memories (nodejs/node issue 53087).

import { readFileSync, writeSync } from 'node:fs';

const [path, ...words] = process.argv.slice(2);
const texts = [path, ...words].map((word) => Buffer.from(`${word}\0`));
const SUCCESS = 0;
const NOT_SUPPORTED = 58;
let memory;
const view = () => new DataView(memory.buffer);

/** Stores two numbers. */
function store(places, numbers) {
  places.forEach((place, i) => view().setUint32(place, numbers[i], true));
  return SUCCESS;
}

const imports = {
  args_sizes_get: (count, length) => store([count, length], [texts.length, Buffer.concat(texts).length]),
  args_get(pointers, place) {
    for (const text of texts) {
      view().setUint32(pointers, place, true);
      new Uint8Array(memory.buffer).set(text, place);
      pointers += 4;
      place += text.length;
    }
    return SUCCESS;
  },
  environ_sizes_get: (count, length) => store([count, length], [0, 0]),
  environ_get: () => SUCCESS,
  clock_time_get(_id, _precision, place) {
    const { user, system } = process.cpuUsage();
    view().setBigUint64(place, BigInt(user + system) * 1000n, true);
    return SUCCESS;
  },
  fd_write(file, pieces, count, written) {
    let length = 0;
    for (let piece = pieces; piece < pieces + 8 * count; piece += 8) {
      const bytes = new Uint8Array(memory.buffer, view().getUint32(piece, true), view().getUint32(piece + 4, true));
      writeSync(file, bytes);
      length += bytes.length;
    }
    return store([written], [length]);
  },
  proc_exit: (code) => process.exit(code),
};
const module = new WebAssembly.Module(readFileSync(path));
// What else is linked is called by nobody.
for (const { name } of WebAssembly.Module.imports(module)) imports[name] ??= () => NOT_SUPPORTED;
const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: imports });
memory = instance.exports.memory;
instance.exports._start();
