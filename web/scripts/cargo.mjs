// Runs cargo, and the post-processor on what it built.

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostToolchain } from './toolchain.mjs';

export const WEB = dirname(dirname(fileURLToPath(import.meta.url)));
export const ROOT_FOLDER = dirname(WEB);
export const TARGET = join(WEB, 'target');

function spawning({ environment = {}, directory = WEB, capture = false }) {
  return {
    cwd: directory,
    env: { ...process.env, ...environment },
    stdio: ['ignore', capture ? 'pipe' : 'inherit', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  };
}

/** `how` is the exit status, or the signal that ended it. */
const failure = (command, words, how) => new Error(`${command} ${words.join(' ')} failed (${how})`);

/** Runs a command with its output shown; throws when it fails. With `capture`, returns what it printed. */
export function run(command, words, options = {}) {
  const result = spawnSync(command, words, spawning(options));
  if (result.error) throw result.error;
  if (result.status !== 0) throw failure(command, words, result.status ?? result.signal);
  return result.stdout;
}

/** As `run`, while others run. */
export function start(command, words, options = {}) {
  return new Promise((resolve, reject) => {
    const started = spawn(command, words, spawning(options));
    started.once('error', reject);
    started.once('close', (status, signal) => (status === 0 ? resolve() : reject(failure(command, words, status ?? signal))));
  });
}

/** Runs cargo of the toolchain for WebAssembly with one of the two configurations, by `run` or `start`. */
export function wasmCargo(how, toolchain, variant, words, options = {}) {
  return how(
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

/** What cargo said that it built: its messages about artifacts. */
export function artifacts(printed) {
  return printed.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
}

export const MESSAGES = ['--message-format', 'json-render-diagnostics'];

/** Runs cargo of the toolchain for this machine, by `run` or `start`. */
function hostCargo(how, words, options) {
  const { cargo, environment } = hostToolchain();
  return how(cargo, words, { ...options, environment: { ...environment, ...options.environment } });
}

/** Builds a program for this machine and returns its path. */
export function hostProgram(words, options) {
  const printed = hostCargo(run, ['build', '--locked', ...words, ...MESSAGES], { ...options, capture: true });
  return artifacts(printed).find(({ executable, target }) => executable && target.kind.includes('bin')).executable;
}

const BINDGEN = ['--package', 'e2compress-bindgen'];
const HOST = { environment: { CARGO_TARGET_DIR: join(TARGET, 'host') } };

/** Builds the post-processor, while others run. */
export function startBindgen() {
  return hostCargo(start, ['build', '--locked', ...BINDGEN], HOST);
}

/** Turns `module` into `folder`/`name`.js and what goes with it. */
export function bindgen(module, folder, name) {
  const program = hostProgram(BINDGEN, HOST);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  run(program, [module, folder, name]);
}
