// Use without a network, and threads on hosts that do not send the headers for them: both by a
// service worker.

/** How often this tab was loaded again for isolation. */
const RELOADED = 'e2compress reloads for isolation';
const MOST_RELOADS = 2;
/** Milliseconds until the page is loaded again though no service worker has taken it over. */
const LONGEST_WAIT = 3000;

/** How the page may compute. */
export interface Ability {
  /** 0: without threads. */
  threads: number;
  /** Why not with threads. */
  reason: string | null;
}

/** What this page can do now. */
export function ability(): Ability {
  if (self.crossOriginIsolated) return { threads: navigator.hardwareConcurrency || 1, reason: null };
  const reason = isSecureContext
    ? 'the host sends no isolation headers'
    : 'the page came over an unprotected connection; https or localhost would give all cores';
  return { threads: 0, reason };
}

/**
 * Registers the service worker. A page that is not isolated yet is loaded again under it, unless
 * `busy` says that there is something to lose.
 */
export async function prepare(busy: () => boolean): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const workers = navigator.serviceWorker;
  try {
    await workers.register('sw.js', { updateViaCache: 'none' });
  } catch {
    return; // the page works without it
  }
  if (self.crossOriginIsolated) {
    sessionStorage.removeItem(RELOADED);
    return;
  }
  const kept = Number(sessionStorage.getItem(RELOADED) ?? 0);
  // What is no count would be below any limit for ever.
  const reloads = Number.isInteger(kept) && kept >= 0 ? kept : 0;
  if (reloads >= MOST_RELOADS) return;
  await atWork(workers);
  if (busy()) return;
  sessionStorage.setItem(RELOADED, String(reloads + 1));
  location.reload();
}

/** Waits until a service worker answers for this page; one that only is about to may miss a reload. */
async function atWork(workers: ServiceWorkerContainer): Promise<void> {
  await workers.ready;
  if (workers.controller) return;
  await new Promise<void>((resolve) => {
    workers.addEventListener('controllerchange', () => resolve(), { once: true });
    setTimeout(resolve, LONGEST_WAIT);
  });
}
