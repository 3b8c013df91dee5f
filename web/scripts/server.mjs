// Serves dist/ on this machine only.

import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { WEB } from './cargo.mjs';
import { HEADERS } from './policy.mjs';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

/**
 * Starts a server; `headers: false` makes it a plain host, an object are those to send, `prefix` a folder of one. `change`, for
 * tests, is given the path and the text of each script and returns the text to send.
 */
export function serve({ port = 0, headers = true, prefix = '/', folder = join(WEB, 'dist'), change } = {}) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    let file = path.startsWith(prefix) ? join(folder, normalize(`/${path.slice(prefix.length)}`)) : null;
    if (file?.endsWith('/')) file = join(file, 'index.html');
    const found = file && statSync(file, { throwIfNoEntry: false });
    if (!found?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    const changed = change && extname(file) === '.js' ? Buffer.from(change(path, readFileSync(file, 'utf8'))) : null;
    response.writeHead(200, {
      'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
      'Content-Length': changed?.length ?? found.size,
      'Cache-Control': 'no-cache',
      ...(headers === true ? HEADERS : headers || {}),
    });
    if (changed) response.end(changed);
    else if (request.method === 'HEAD') response.end();
    else createReadStream(file).pipe(response);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = `http://localhost:${server.address().port}${prefix}`;
      const close = () => new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      });
      resolve({ address, close });
    });
  });
}
