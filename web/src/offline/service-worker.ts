// Keeps the page's files for use without a network, and adds the headers that let it use threads
// to hosts that do not send them.

declare const HEADERS_TO_ADD: Record<string, string>;

const scope = self as unknown as ServiceWorkerGlobalScope;
const { version, files } = JSON.parse('FILES_OF_THIS_VERSION') as { version: string; files: string[] };
// Other pages of the same host may have caches too.
const PREFIX = `e2compress ${scope.registration.scope} `;
const CACHE = PREFIX + version;

scope.addEventListener('install', (event) => event.waitUntil(fill()));
scope.addEventListener('activate', (event) => event.waitUntil(takeOver()));
scope.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'GET' && request.url.startsWith(scope.registration.scope)) {
    event.respondWith(respond(request));
  }
});

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(files.map((file) => new Request(file, { cache: 'reload' })));
}

/** Runs once no tab uses the version before. */
async function takeOver(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await scope.clients.claim();
}

async function respond(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const page = request.mode === 'navigate' && isPage(request.url);
  const kept = await cache.match(page ? 'index.html' : request, { ignoreSearch: true });
  return withHeaders(kept ?? (await fetch(request)));
}

function isPage(address: string): boolean {
  const path = new URL(address).pathname;
  return path.endsWith('/') || path.endsWith('/index.html');
}

function withHeaders(response: Response): Response {
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(HEADERS_TO_ADD)) headers.set(name, value);
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
