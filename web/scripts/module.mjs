// The module without threads, in this process.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GENERATED } from './wasm.mjs';

const FOLDER = join(GENERATED, 'wasm/single');
const module = await import(join(FOLDER, 'e2compress.js'));
await module.default({ module_or_path: readFileSync(join(FOLDER, 'e2compress_bg.wasm')) });

export default module;
