// The processes of a browser, as Linux tells of them.

import { readFileSync, readdirSync } from 'node:fs';

/** The browser of a profile and all it started, itself first; with the most memory each has had, in bytes. */
export function processes(profile) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap(read);
  const roots = all.filter(({ words }) => words.includes(profile) && !words.includes('--type='));
  const found = [...roots];
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid));
  return found;
}

function read(name) {
  try {
    const status = readFileSync(`/proc/${name}/status`, 'utf8');
    const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
    const field = (key) => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    const type = /--type=([\w-]+)/.exec(words)?.[1] ?? 'browser';
    return [{ pid: Number(name), parent: field('PPid'), words, type, peakBytes: 1024 * field('VmHWM') }];
  } catch {
    return []; // gone meanwhile
  }
}
