// Builds the core's own tests for WebAssembly into generated/core-tests/.

import { join } from 'node:path';
import { MESSAGES, ROOT_FOLDER, artifacts, bindgen, run, wasmCargo } from './cargo.mjs';
import { wasmToolchain } from './toolchain.mjs';
import { GENERATED } from './wasm.mjs';

export const CORE_TESTS = join(GENERATED, 'core-tests');

/** The crate's unit tests, optimised as the property tests have much to do, without the pool. */
export function buildCoreTests() {
  const words = ['test', '--locked', '--release', '--no-run', '--lib', '--package', 'e2compress-core'];
  const printed = wasmCargo(
    run,
    wasmToolchain(),
    'single',
    [...words, '--no-default-features', '--target', 'wasm32-unknown-unknown', ...MESSAGES],
    {
      directory: ROOT_FOLDER,
      capture: true,
      // As the tests are many small functions, whole-program optimisation would only cost time.
      environment: { CARGO_PROFILE_RELEASE_LTO: 'off', CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16' },
    },
  );
  const built = artifacts(printed).find(({ executable, profile }) => executable && profile?.test);
  if (!built) throw new Error("cargo named no module of the core's tests");
  bindgen(built.executable, CORE_TESTS, 'tests');
}
