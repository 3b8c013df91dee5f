// Two files that are one input, as IMAGIC's are: which names belong together the module says.

import type { Format } from '../protocol.js';
import type { Found } from './found.js';

/** The names of a pair without their extensions, in small letters, and with those of its files. */
interface Half {
  stem: string;
  /** The extension of the file with the pixels, by which the pair goes. */
  first: string;
  second: string;
  isFirst: boolean;
}

function half(formats: Format[], { file, folder }: Found): Half | null {
  const dot = file.name.lastIndexOf('.');
  const extension = file.name.slice(dot + 1).toLowerCase();
  const pair = formats.flatMap((format) => (format.pair ? [format.pair] : [])).find((pair) => pair.includes(extension));
  if (!pair || dot < 0) return null;
  const stem = `${folder}${file.name.slice(0, dot)}`.toLowerCase();
  return { stem, first: pair[0], second: pair[1], isFirst: extension === pair[0] };
}

/** Makes one input of both files of each pair; one that comes alone knows what is missing. */
export function pairUp(formats: Format[], found: Found[]): Found[] {
  const whole: Found[] = [];
  const alone = new Map<string, Found>();
  for (const one of found) {
    const is = half(formats, one);
    if (!is) {
      whole.push(one);
      continue;
    }
    const key = (extension: string): string => `${is.stem}.${extension}`;
    const [own, missing] = is.isFirst ? [key(is.first), key(is.second)] : [key(is.second), key(is.first)];
    const other = alone.get(missing);
    if (other) {
      alone.delete(missing);
      const [first, second] = is.isFirst ? [one, other] : [other, one];
      whole[whole.indexOf(other)] = { file: first.file, folder: first.folder, other: second.file };
    } else {
      const lone = { ...one, missing };
      alone.set(own, lone);
      whole.push(lone);
    }
  }
  return whole;
}

/** Whether a file is the one that another came without. */
export function completes(one: Found, missing: string | null): boolean {
  return missing !== null && `${one.folder}${one.file.name}`.toLowerCase() === missing;
}
