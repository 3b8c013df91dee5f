// The worker that reads files for one that cannot wait for promises: into the shared memory, then a
// signal.

import { holdWhileAlive } from './liveness.js';
import { DONE, FAILED, TEXT_BYTES, type Shared, type Slice } from './slice.js';

const scope = self as DedicatedWorkerGlobalScope;

scope.addEventListener(
  'message',
  async ({ data }: MessageEvent<Shared>) => {
    await holdWhileAlive(`${scope.name} reader`);
    scope.addEventListener('message', (event: MessageEvent<Slice>) => void read(event.data, data));
    scope.postMessage('ready');
  },
  { once: true },
);

async function read({ file, offset, address, length }: Slice, { memory, signal, text }: Shared): Promise<void> {
  let outcome = DONE;
  try {
    const found = await file.slice(offset, offset + length).arrayBuffer();
    if (found.byteLength !== length) throw new Error(`the file ended after ${found.byteLength} of ${length} bytes`);
    new Uint8Array(memory.buffer, address, length).set(new Uint8Array(found));
  } catch (problem) {
    const { name, message } = problem as Error;
    const words = new TextEncoder().encode(JSON.stringify({ name, message }));
    text.fill(0);
    text.set(words.subarray(0, TEXT_BYTES));
    outcome = FAILED;
  }
  Atomics.store(signal, 0, outcome);
  Atomics.notify(signal, 0);
}
