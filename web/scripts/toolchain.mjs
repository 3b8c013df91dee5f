// Which compilers this machine has: one for WebAssembly with the sources of std, one for itself.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const STD_SOURCES = 'lib/rustlib/src/rust/library/Cargo.lock';

/** The output of a command, or null when it can't be run or fails. */
function said(command, ...words) {
  try {
    return execFileSync(command, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}

/** rustup's nightly, when it has the sources of std and the linker that comes with it. */
function fromRustup(missing) {
  const sysroot = said('rustc', '+nightly', '--print', 'sysroot');
  if (sysroot === null) {
    missing.push('rustup with a nightly toolchain');
    return null;
  }
  const host = /host: (.*)/.exec(said('rustc', '+nightly', '-vV'))?.[1];
  if (!existsSync(join(sysroot, STD_SOURCES))) {
    missing.push('component rust-src of the nightly toolchain');
    return null;
  }
  if (!existsSync(join(sysroot, 'lib/rustlib', host, 'bin/rust-lld'))) {
    missing.push('rust-lld in the nightly toolchain');
    return null;
  }
  return { name: 'rustup nightly', cargo: 'cargo', words: ['+nightly'], environment: {} };
}

/** The distribution's compiler, which has to be told that it may use unstable flags. */
function fromDistribution(missing) {
  const [rustc, cargo] = ['/usr/bin/rustc', '/usr/bin/cargo'];
  if (!existsSync(rustc) || !existsSync(cargo)) {
    missing.push('/usr/bin/rustc and /usr/bin/cargo (packages rustc-web and cargo-web)');
    return null;
  }
  const sysroot = said(rustc, '--print', 'sysroot') ?? '/usr';
  if (!existsSync(join(sysroot, STD_SOURCES))) {
    missing.push('the sources of the standard library (package rust-web-src)');
    return null;
  }
  const linkers = readdirSync('/usr/bin').filter((name) => /^wasm-ld(-\d+)?$/.test(name));
  const version = (name) => Number(name.slice('wasm-ld-'.length)) || 0;
  const linker = linkers.sort((a, b) => version(b) - version(a))[0];
  if (linker === undefined) {
    missing.push('wasm-ld (package lld-22)');
    return null;
  }
  return {
    name: 'packages of the distribution',
    cargo,
    words: ['--config', `target.wasm32-unknown-unknown.linker="${linker}"`],
    environment: { RUSTC: rustc, RUSTC_BOOTSTRAP: '1' },
  };
}

/** The compiler for WebAssembly. Throws what is missing, for both ways. */
export function wasmToolchain() {
  const missing = [[], []];
  const wanted = process.env.E2COMPRESS_WASM_TOOLCHAIN;
  const found =
    (wanted !== 'distribution' && fromRustup(missing[0])) || (wanted !== 'rustup' && fromDistribution(missing[1]));
  if (found) return found;
  throw new Error(
    [
      'No compiler for WebAssembly with threads was found. Missing, for either way:',
      `  rustup: ${missing[0].join(', ') || 'not asked for'}`,
      '      rustup toolchain install nightly --profile minimal --component rust-src',
      `  Debian: ${missing[1].join(', ') || 'not asked for'}`,
      '      apt-get install rustc-web cargo-web rust-web-src lld-22',
    ].join('\n'),
  );
}

/** The compiler for this machine's own programs. */
export function hostToolchain() {
  if (said('cargo', '--version') !== null) return { cargo: 'cargo', environment: {} };
  if (existsSync('/usr/bin/cargo')) return { cargo: '/usr/bin/cargo', environment: { RUSTC: '/usr/bin/rustc' } };
  throw new Error('No cargo was found; install Rust with rustup, or apt-get install rustc-web cargo-web');
}
