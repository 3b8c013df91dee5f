// npm start: builds what is out of date and serves the page on this machine.

import { build } from './build.mjs';
import { serve } from './server.mjs';

const PORT = 8080;

try {
  await build();
  const wanted = Number(process.env.PORT ?? PORT);
  const { address } = await serve({ port: wanted }).catch((problem) => {
    if (problem.code !== 'EADDRINUSE' || process.env.PORT) throw problem;
    return serve();
  });
  console.log(`e2compress is at ${address} (Ctrl-C ends it)`);
} catch (problem) {
  console.error(problem.message);
  process.exit(1);
}
