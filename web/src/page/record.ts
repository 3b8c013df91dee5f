// The record: a line for each file, as the command's --report writes it.

import { messageOf } from '../problem.js';
import type { Choice, RecordLine } from '../protocol.js';
import type { DoneBefore } from './done-before.js';
import * as fmt from './fmt.js';
import { oncePerFrame } from './frame.js';
import type { Job } from './job.js';
import type { Notices } from './notices.js';
import type { Prints } from './prints.js';
import type { Queue } from './queue.js';
import type { Standby } from './standby.js';

const NAME = 'e2compress.jsonl';

// The browser takes hold of what is saved a moment after it was told to, in milliseconds.
const TAKEN_AFTER = 60_000;

/** What the record needs of the page. */
export interface Surroundings {
  queue: Queue;
  /** Reads files for their SHA-256. */
  standby: Standby;
  settings: { readonly choice: Choice | null };
  notices: Notices;
  /** That the page was built from. */
  commit: string;
}

/** What a line is about, as it was at a moment. */
type Told = Pick<Job, 'file' | 'whole' | 'folder' | 'state' | 'choice' | 'path' | 'proof'>;

/** The button, and records that are dropped. */
export class Record {
  readonly #surroundings: Surroundings;
  readonly #prints: Prints;
  readonly #before: DoneBefore;
  readonly #state: HTMLElement;
  #saving = false;
  /** What is said of each record that was dropped: files stay marked by all of them. */
  readonly #told = new Map<string, string>();

  /** `button` saves the record, `state` says how far that is. */
  constructor(button: HTMLButtonElement, state: HTMLElement, prints: Prints, before: DoneBefore, surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#prints = prints;
    this.#before = before;
    this.#state = state;
    const { queue, notices } = surroundings;
    button.addEventListener('click', () => {
      this.#saving = true;
      refresh();
      void this.#save()
        .catch((problem) => notices.complain(problem))
        .finally(() => {
          this.#saving = false;
          refresh();
        });
    });
    const refresh = oncePerFrame(() => {
      button.disabled = this.#saving || !queue.jobs.some(isToldOf);
    });
    queue.watch({ changed: (job) => job.state.is !== 'running' && refresh(), removed: refresh });
    refresh();
  }

  /** Takes a record: files that it says are done are not started. */
  async read(file: File): Promise<void> {
    const { standby, queue, notices } = this.#surroundings;
    try {
      const { entries, done, note } = await standby.ask((engine) => engine.readRecord(file));
      this.#before.add(entries);
      queue.look();
      const words = `${fmt.shown(file.name)} names ${done === 0 ? 'no file' : fmt.files(done)} as done`;
      this.#told.set(file.name, note === null ? words : `${words}; ${note}`);
      this.#say('');
    } catch (problem) {
      notices.complain(problem);
    }
  }

  /** Says how far saving is, beside what records say. */
  #say(words: string): void {
    this.#state.textContent = fmt.several([words, ...this.#told.values()].filter((part) => part !== '')).join('. ');
  }

  async #save(): Promise<void> {
    const { queue, notices } = this.#surroundings;
    // Whatever becomes of the files meanwhile: the record is of what was there when it was asked for.
    const there = queue.jobs.filter(isToldOf);
    const taking = this.#lines(there.map(({ file, whole, folder, state, choice, path, proof }) => ({ file, whole, folder, state, choice, path, proof })));
    for (const { custody } of there) custody.during(taking);
    const { lines, problems } = await taking;
    this.#say('');
    if (problems.length > 0) notices.complain(...problems);
    if (lines.length === 0) return;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob(lines, { type: 'application/jsonl' }));
    link.download = NAME;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), TAKEN_AFTER);
    this.#say(`The record of ${fmt.files(lines.length)} is ready`);
  }

  /** The lines of files, and why others have none. */
  async #lines(told: Told[]): Promise<{ lines: string[]; problems: string[] }> {
    const [lines, problems]: [string[], string[]] = [[], []];
    for (const each of told) {
      try {
        const line = await this.#line(each);
        if (line !== null) lines.push(`${line}\n`);
      } catch (problem) {
        problems.push(`${fmt.shown(each.file.name)} is not in the record: ${messageOf(problem)}`);
      }
    }
    return { lines, problems };
  }

  /** The line of a file; null where it has none. */
  async #line(job: Told): Promise<string | null> {
    const { standby, commit } = this.#surroundings;
    const { state, choice, folder } = job;
    const options = choice && (await standby.ask((engine) => engine.options(choice)));
    if (options === null) return null;
    // What is known now; in nanoseconds, as the command has it.
    const time = 1e6 * Date.now();
    const ask = (line: RecordLine): Promise<string> => standby.ask((engine) => engine.line(line));
    if (state.is === 'failed') {
      return ask({ of: 'failed', commit, time, options, folder, name: job.file.name, problem: state.problem });
    }
    if ((state.is !== 'finished' && state.is !== 'moved') || state.made.way !== 'compress') return null;
    const path = state.is === 'moved' ? state.path : job.path!;
    const input = await this.#print(job.whole, `${folder}${job.file.name}`);
    const output = await this.#print(state.output, path);
    const error = job.proof?.is === 'sound' ? job.proof.verification.error : null;
    return ask({ of: 'finished', commit, time, options, report: state.made.report.record, error, input, output });
  }

  async #print(file: File, path: string): Promise<{ path: string; bytes: number; sha256: string }> {
    const sha256 = await this.#prints.of(file, (done, total) => {
      this.#say(`Taking the SHA-256 of ${fmt.shown(path)}: ${Math.floor((100 * done) / Math.max(1, total))} %`);
    });
    return { path, bytes: file.size, sha256 };
  }
}

/** Whether a file has a line, as with the command: expansions have none. */
function isToldOf({ state, choice }: Job): boolean {
  return (state.is === 'finished' || state.is === 'moved' || state.is === 'failed') && choice?.way === 'compress';
}
