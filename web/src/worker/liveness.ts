// How the page notices that a worker has ended without a word, as one does that the browser ends.

/** Takes a lock that is held until this worker ends, however it ends. */
export function holdWhileAlive(name: string): Promise<void> {
  // Pages that came over an unprotected connection have no locks; they have no storage either.
  const { locks } = navigator as { locks?: LockManager };
  if (!locks) return Promise.resolve();
  return new Promise((resolve, reject) => {
    locks
      .request(name, () => {
        resolve();
        return new Promise(() => undefined);
      })
      .catch(reject);
  });
}
