// What outputs are called.

/** A name for when the name itself is taken: x.hdf, x (2).hdf, x (3).hdf. */
export function numbered(name: string, count: number): string {
  if (count === 1) return name;
  const dot = name.lastIndexOf('.');
  return `${name.slice(0, dot)} (${count})${name.slice(dot)}`;
}

/** Names that were given out: of two inputs whose outputs would have one name, the second gets "x (2).hdf". */
export class Names {
  // File systems of many users do not tell capitals from small letters.
  readonly #taken = new Set<string>();

  /** A name in a folder ('' or 'a/b/') that no other output has. */
  take(folder: string, name: string): string {
    for (let count = 1; ; count++) {
      const free = folder + numbered(name, count);
      if (this.#taken.has(free.toLowerCase())) continue;
      this.#taken.add(free.toLowerCase());
      return free;
    }
  }

  /** Gives a name back. */
  release(path: string): void {
    this.#taken.delete(path.toLowerCase());
  }
}
