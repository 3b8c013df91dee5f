// Starts the workers of the thread pool. The build puts this in the place of the file that
// wasm-bindgen-rayon brings, with the same contract, because
// - that one runs its workers from blob: addresses, which would need a hole in the page's
//   Content-Security-Policy; these come from the page's own address;
// - a worker that ends by a trap is told here, on the channel that has the worker's name: the
//   worker that waits for it would wait for ever.

const isPoolWorker = typeof WorkerGlobalScope !== 'undefined' && new URL(self.location.href).hash === '#pool';

if (isPoolWorker) {
  self.addEventListener(
    'message',
    async ({ data: { mainJS, module, memory, receiver } }) => {
      try {
        const pkg = await import(mainJS);
        await pkg.default({ module_or_path: module, memory });
        // Held while this worker lives, see src/worker/liveness.ts.
        await new Promise((held, refused) => {
          const life = () => (held(), new Promise(() => undefined));
          navigator.locks.request(`${self.name} pool ${crypto.randomUUID()}`, life).catch(refused);
        });
        self.postMessage('ready');
        pkg.wbg_rayon_start_worker(receiver);
      } catch (problem) {
        const told = `out of memory, or a fault of the program (${problem} in the pool)`;
        new BroadcastChannel(self.name).postMessage(told);
      }
    },
    { once: true },
  );
}

// Firefox collects workers that nothing refers to, although they share memory (bug 1702191).
const workers = [];

export async function startWorkers(module, memory, builder) {
  const start = { mainJS: builder.mainJS(), module, memory, receiver: builder.receiver() };
  const address = new URL(import.meta.url);
  address.hash = 'pool';
  const starting = Array.from({ length: builder.numThreads() }, () => {
    const worker = new Worker(address, { type: 'module', name: self.name });
    workers.push(worker);
    return new Promise((resolve, reject) => {
      worker.addEventListener('message', resolve, { once: true });
      worker.addEventListener('error', (event) => reject(new Error(event.message || 'a worker could not be started')));
      worker.postMessage(start);
    });
  });
  await Promise.all(starting);
  builder.build();
}
