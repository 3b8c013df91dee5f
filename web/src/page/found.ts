// What the user dropped or chose.

/** A file, and the folder it was found in: '' or 'a/b/'. */
export interface Found {
  file: File;
  folder: string;
  /** The other file of a pair, if it came too. */
  other?: File;
  /** Its path in small letters, if it did not. */
  missing?: string;
}
