// The worker that reads files for one that cannot wait for promises: ahead into a ring, and slices
// into the module's memory.

import { holdWhileAlive } from './liveness.js';
import { Pouring } from './pouring.js';
import { ANSWERED, PULSE, REFUSED, TEXT_BYTES, type Order, type Shared } from './slice.js';

const scope = self as DedicatedWorkerGlobalScope;

scope.addEventListener(
  'message',
  async ({ data }: MessageEvent<Shared>) => {
    await holdWhileAlive(`${scope.name} reader`);
    const pouring = new Pouring(data);
    scope.addEventListener('message', ({ data: order }: MessageEvent<Order>) => {
      if (order.type === 'slice') void read(order, data);
      else if (order.type === 'pour') pouring.pour(order, order.offset, order.next);
      else if (order.type === 'next') pouring.follow(order.next);
      else if (order.type === 'more') pouring.goOn();
      else pouring.stop();
    });
    scope.postMessage('ready');
  },
  { once: true },
);

async function read(
  { id, file, offset, address, length }: Extract<Order, { type: 'slice' }>,
  { memory, signal, text }: Shared,
): Promise<void> {
  try {
    const found = await file.slice(offset, offset + length).arrayBuffer();
    if (found.byteLength !== length) throw new Error(`the file ended after ${found.byteLength} of ${length} bytes`);
    new Uint8Array(memory.buffer, address, length).set(new Uint8Array(found));
  } catch (problem) {
    const { name, message } = problem as Error;
    const words = new TextEncoder().encode(JSON.stringify({ name, message }));
    text.fill(0);
    text.set(words.subarray(0, TEXT_BYTES));
    Atomics.store(signal, REFUSED, id);
  }
  Atomics.store(signal, ANSWERED, id);
  Atomics.add(signal, PULSE, 1);
  Atomics.notify(signal, PULSE);
}
