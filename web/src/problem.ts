// What was thrown, in words.

/** The message of an error, or of whatever else was thrown. */
export function messageOf(problem: unknown): string {
  return problem instanceof Error ? problem.message : String(problem);
}
