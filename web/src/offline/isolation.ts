// Use without a network, and threads on hosts that do not send the headers for them: both by a
// service worker.

const RELOADED = 'e2compress reloaded for isolation';

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
 * Registers the service worker. A page that is not isolated yet is loaded once more under it, unless
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
  if (sessionStorage.getItem(RELOADED)) return;
  await workers.ready;
  if (busy()) return;
  sessionStorage.setItem(RELOADED, 'yes');
  location.reload();
}
