// Outputs beside their inputs: the command's verify, when somebody asks for it.

import { messageOf } from '../problem.js';
import * as fmt from './fmt.js';
import { oncePerFrame } from './frame.js';
import type { Job } from './job.js';
import type { Notices } from './notices.js';
import type { Prints } from './prints.js';
import type { Queue } from './queue.js';

/** What checking outputs needs of the page. */
export interface Surroundings {
  queue: Queue;
  notices: Notices;
  prints: Prints;
}

export class Proofs {
  readonly #surroundings: Surroundings;
  readonly #refresh: () => void;

  /** `all` checks all outputs that were not checked yet. */
  constructor(all: HTMLButtonElement, surroundings: Surroundings) {
    this.#surroundings = surroundings;
    const { queue } = surroundings;
    all.addEventListener('click', () => {
      for (const job of queue.jobs) if (canBeVerified(job)) void this.verify(job);
    });
    this.#refresh = oncePerFrame(() => (all.disabled = !queue.jobs.some(canBeVerified)));
    queue.watch({ changed: (job) => job.state.is !== 'running' && this.#refresh(), removed: this.#refresh });
    this.#refresh();
  }

  /** Checks an output, after the file that is at work. */
  async verify(job: Job): Promise<void> {
    if (!canBeVerified(job)) return;
    const { queue, notices, prints } = this.#surroundings;
    const { state, file, outputName } = job;
    if (state.is !== 'finished' && state.is !== 'moved') return;
    const output = { name: outputName, size: state.output.size, file: state.output, other: null };
    // Done again meanwhile, it is another output.
    const isSame = (): boolean => 'made' in job.state && job.state.made === state.made;
    const tell = (proof: Job['proof']): void => {
      if (!isSame()) return;
      job.proof = proof;
    };
    let isMoved = false;
    const failed = (problem: string): void => {
      // It was moved into a folder of the user's while it was read: it is read there.
      isMoved = job.state !== state && isSame();
      if (isMoved) return tell(null);
      tell({ is: 'failed', problem });
      notices.say(`${fmt.shown(outputName)}: ${fmt.shown(problem)}`);
    };
    tell({ is: 'running', share: 0 });
    try {
      const verification = await queue.lend(async (engine) => {
        // While it computes it takes no messages.
        const end = (): void => engine.end('the file was removed');
        if (job.gone.aborted) throw new Error('the file was removed');
        job.gone.addEventListener('abort', end);
        const progress = (done: number, total: number): void => tell({ is: 'running', share: done / Math.max(1, total) });
        return engine.verify(output, file, progress).finally(() => job.gone.removeEventListener('abort', end));
      });
      if (verification.problem === null) {
        tell({ is: 'sound', verification, sha256: null });
        notices.say(`${outputName}: ${verification.words}`);
        // For those who compare it with a copy; the output may be on its way into a folder, and then nobody needs to know.
        const sum = prints.of(state.output, undefined, job.gone);
        void sum.then((sha256) => tell({ is: 'sound', verification, sha256 }), () => undefined);
      } else failed(verification.problem);
    } catch (problem) {
      if (!job.gone.aborted) failed(`the output was not verified: ${messageOf(problem)}`);
    }
    if (isMoved) return this.verify(job);
  }
}

/** Whether there is an output that was not checked, and is not being checked. */
export function canBeVerified({ state, proof }: Job): boolean {
  return (state.is === 'finished' || state.is === 'moved') && (proof === null || proof.is === 'failed');
}
