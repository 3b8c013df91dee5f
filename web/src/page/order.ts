// The order that the list is shown in; files are worked on in the order in which they came.

import type { Job, State } from './job.js';

/** What the list can be sorted by. */
export type Key = 'name' | 'state' | 'size' | 'saving';

/** A column, and whether the largest comes first; null is the order in which the files came. */
export type Order = { key: Key; descending: boolean } | null;

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Those to look at first: what failed, then what is being done, what is done, what waits. */
const RANKS: Record<State['is'], number> = {
  failed: 0,
  running: 2,
  finished: 4,
  moved: 4,
  before: 4,
  waiting: 5,
  checking: 5,
  inspecting: 6,
  cancelled: 7,
};

function rank(job: Job): number {
  if (job.isLost || job.expectsLoss) return 1;
  const isDone = job.made !== null || job.state.is === 'before';
  return isDone && job.remarks.warnings.length > 0 ? 3 : RANKS[job.state.is];
}

/** How many times smaller it has become, or is expected to; what is not known comes last in either order. */
function saving(job: Job): number | null {
  const after = job.made?.report.output_bytes ?? job.prediction?.output_bytes ?? job.prediction?.most_bytes ?? null;
  return after === null ? null : job.file.size / Math.max(1, after);
}

function compare(key: Key, a: Job, b: Job): number {
  switch (key) {
    case 'name':
      return collator.compare(a.file.name, b.file.name) || collator.compare(a.folder, b.folder);
    case 'state':
      return rank(a) - rank(b);
    case 'size':
      return a.file.size - b.file.size;
    case 'saving':
      return (saving(a) ?? 0) - (saving(b) ?? 0);
  }
}

/** The order after a click on a column: up, down, as they came. */
export function next(order: Order, key: Key): Order {
  if (order?.key !== key) return { key, descending: false };
  return order.descending ? null : { key, descending: true };
}

/** Whether a change of a job may change its place. */
export function changes(order: Order): boolean {
  return order?.key === 'state' || order?.key === 'saving';
}

export function sorted(jobs: readonly Job[], order: Order): readonly Job[] {
  if (!order) return jobs;
  const { key, descending } = order;
  const isUnknown = (job: Job): number => (key === 'saving' && saving(job) === null ? 1 : 0);
  return [...jobs].sort(
    (a, b) => isUnknown(a) - isUnknown(b) || (descending ? -1 : 1) * compare(key, a, b) || a.number - b.number,
  );
}
