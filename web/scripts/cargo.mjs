// Runs cargo, and the post-processor on what it built.

import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostToolchain } from './toolchain.mjs';

export const WEB = dirname(dirname(fileURLToPath(import.meta.url)));
export const ROOT_FOLDER = dirname(WEB);
export const TARGET = join(WEB, 'target');

/** Runs a command with its output shown; throws when it fails. With `capture`, returns what it printed. */
export function run(command, words, { environment = {}, directory = WEB, capture = false } = {}) {
  const result = spawnSync(command, words, {
    cwd: directory,
    env: { ...process.env, ...environment },
    stdio: ['ignore', capture ? 'pipe' : 'inherit', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`${command} ${words.join(' ')} failed`);
  return result.stdout;
}

/** Runs cargo of the toolchain for WebAssembly with one of the two configurations. */
export function wasmCargo(toolchain, variant, words, options = {}) {
  return run(
    toolchain.cargo,
    [...toolchain.words, '--config', join(WEB, 'wasm/cargo', `${variant}.toml`), ...words],
    {
      ...options,
      environment: {
        ...toolchain.environment,
        // The two builds must not share a folder, or they undo each other.
        CARGO_TARGET_DIR: join(TARGET, variant),
        ...options.environment,
      },
    },
  );
}

/** Builds a program for this machine and returns its path. */
export function hostProgram(directory, words, name, profile) {
  const { cargo, environment } = hostToolchain();
  const folder = join(TARGET, 'host');
  run(cargo, ['build', '--locked', ...words], { directory, environment: { ...environment, CARGO_TARGET_DIR: folder } });
  return join(folder, profile, process.platform === 'win32' ? `${name}.exe` : name);
}

/** Turns `module` into `folder`/`name`.js and what goes with it. */
export function bindgen(module, folder, name) {
  const program = hostProgram(WEB, ['--package', 'e2compress-bindgen'], 'e2compress-bindgen', 'debug');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  run(program, [module, folder, name]);
}
