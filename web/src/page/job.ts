// One file's way through the page.

import type { Choice, Chosen, Inspection, Made, Place, Prediction, RecordEntry, Rendering, Verification } from '../protocol.js';
import { Custody } from './custody.js';
import type { Found } from './found.js';
import { PLAIN, renderingFrom } from './rendering.js';
import { Watchers } from './watchers.js';

export type State =
  /** What it says of itself is being read. */
  | { is: 'inspecting' }
  /** A record names it: its SHA-256 is being taken. */
  | { is: 'checking' }
  /** A record proves that it is done. */
  | { is: 'before'; proof: RecordEntry }
  | { is: 'waiting' }
  | { is: 'running'; since: number; done: number; total: number }
  | { is: 'finished'; made: Made; output: File }
  /** Saved into a folder of the user's under a path; the page keeps nothing of it. */
  | { is: 'moved'; made: Made; output: File; path: string; folder: string }
  | { is: 'failed'; problem: string }
  | { is: 'cancelled' };

/** What checking an output beside its input came to. */
export type Proof =
  | { is: 'running'; share: number }
  /** The SHA-256 of the output comes a moment later. */
  | { is: 'sound'; verification: Verification; sha256: string | null }
  | { is: 'failed'; problem: string };

let count = 0;

function chosen(file: File, other: File | null): Chosen {
  return { name: file.name, size: file.size + (other?.size ?? 0), file, other };
}

function whole({ name, file, other }: Chosen): File {
  return other ? new File([file, other], name) : file;
}

export class Job {
  /** That no other job has, in the order in which they came. */
  readonly number = ++count;
  /** With the other file of a pair, once that is there. */
  file: Chosen;
  /** All of it, as a record knows it: of a pair the file with the pixels, then the other one. */
  whole: File;
  /** The folder it was found in: '' or 'a/b/'. */
  readonly folder: string;
  /** Path of the file that it cannot do without, in small letters. */
  missing: string | null;
  /** Path of the output in a folder or an archive, from its start on. */
  path: string | null = null;
  /** Known once it has been read. */
  inspection: Inspection | null = null;
  /** What was chosen for it, from its start on. */
  choice: Choice | null = null;
  /** The user wants it done, whatever a record says. */
  insists = false;
  /** Where the output is, from its start on. */
  place: Place | null = null;
  /** The user has a copy of the output. */
  saved = false;
  /** The user wants it to be worked on, whatever becomes of the others. */
  wanted = false;
  /** The work on it has stopped once, for no known reason. */
  stopped = false;
  /** Who still reads the output; of another output it is another one. */
  custody = new Custody();
  readonly #gone = new AbortController();
  #state: State = { is: 'inspecting' };
  #prediction: Prediction | null = null;
  #doubt: string | null = null;
  #misfit: string | null = null;
  /** How the images of a movie are made that what is known of it is about, as text. */
  #rendered = PLAIN;
  #proof: Proof | null = null;
  readonly #watchers = new Watchers<[Job]>();

  constructor({ file, folder, other, missing }: Found) {
    this.file = chosen(file, other ?? null);
    this.whole = whole(this.file);
    this.folder = folder;
    this.missing = missing ?? null;
  }

  /** Takes the other file of the pair. */
  complete(other: File): void {
    this.file = chosen(this.file.file, other);
    this.whole = whole(this.file);
    this.missing = null;
  }

  /** Tells that it is off the list: nobody waits any more for what is found out about it. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Ends what is being found out about it. */
  leave(): void {
    this.#gone.abort();
  }

  get state(): State {
    return this.#state;
  }

  set state(state: State) {
    // A proof is of the output that was there; one that is moved is the same.
    if (state.is !== 'moved') this.#proof = null;
    this.#state = state;
    this.#tell();
  }

  /** What it would become with the settings as they are; null while that is not known. */
  get prediction(): Prediction | null {
    return this.#prediction;
  }

  set prediction(prediction: Prediction | null) {
    this.#prediction = prediction;
    this.#doubt = null;
    // Of what is done nobody asks what it would become.
    if (this.#state.is === 'waiting') this.#tell();
  }

  /** Why nothing can be made of one that waits, with the settings as they are; null while nothing says so. */
  get doubt(): string | null {
    return this.#state.is === 'waiting' ? (this.#misfit ?? this.#doubt) : null;
  }

  /** The same, and whether the file or the settings are to blame. */
  get doubtWords(): string | null {
    if (this.doubt === null) return null;
    return `${this.#misfit === null ? 'Cannot be read' : 'The settings do not fit it'}: ${this.doubt}`;
  }

  /** Whether its images are made as the settings say. */
  get isMovie(): boolean {
    return this.inspection?.info.format === 'EER';
  }

  get rendered(): string {
    return this.#rendered;
  }

  /** How the images of a movie were made that its output is of; null of other files, and without an output. */
  get madeWith(): Rendering | null {
    const { is } = this.#state;
    if (!this.isMovie || (is !== 'finished' && is !== 'moved')) return null;
    return renderingFrom(this.#rendered);
  }

  /** It was read: what it says is of its images as they are made without settings. */
  inspected(inspection: Inspection): void {
    this.inspection = inspection;
    this.#rendered = PLAIN;
    this.#misfit = null;
  }

  /** What is known of a movie is of its images as these settings, named by a text, make them. */
  render(inspection: Inspection, rendered: string): void {
    this.inspection = inspection;
    this.#rendered = rendered;
    this.#misfit = null;
    this.#tell();
  }

  /** No images of a movie can be made as these settings say, for this reason. */
  misfit(problem: string, rendered: string): void {
    this.#rendered = rendered;
    this.#misfit = problem;
    this.#tell();
  }

  /** Nothing can be made of it, for this reason. */
  set doubt(problem: string) {
    this.prediction = null;
    this.#doubt = problem;
    this.#tell();
  }

  /** What is known of the output beside its input, if somebody asked. */
  get proof(): Proof | null {
    return this.#proof;
  }

  set proof(proof: Proof | null) {
    this.#proof = proof;
    this.#tell();
  }

  #tell(): void {
    this.#watchers.tell(this);
  }

  /** Whether there is something to do for it, or it is being done. */
  get isOpen(): boolean {
    return ['inspecting', 'checking', 'waiting', 'running'].includes(this.#state.is);
  }

  /** What was made of it, while that is so. */
  get made(): Made | null {
    return this.#state.is === 'finished' || this.#state.is === 'moved' ? this.#state.made : null;
  }

  /** Whether what was made of it is larger than it is, although it should be smaller. */
  get grew(): boolean {
    const { made } = this;
    return made?.way === 'compress' && made.report.growth !== null;
  }

  /** Whether images of what was made of it show nothing any more. */
  get isLost(): boolean {
    if (this.#state.is === 'before') return this.#state.proof.lost;
    return this.made?.way === 'compress' && this.made.report.lost;
  }

  /** Whether images of what it is to become would show nothing any more, as far as that is known. */
  get expectsLoss(): boolean {
    const { is } = this.#state;
    return (is === 'waiting' || is === 'running') && this.#prediction?.lost_words != null;
  }

  /** What its owner should know, of what was made of it or else of itself. */
  get remarks(): { warnings: string[]; notes: string[] } {
    const before = this.#state.is === 'before' ? this.#state.proof : null;
    const { warnings, notes } = before ?? this.made?.report ?? this.inspection?.info ?? { warnings: [], notes: [] };
    // Whoever compresses a file and then verifies the output is warned twice of what is odd about it: it is one thing.
    return { warnings: [...new Set([...warnings, ...this.#doubts()])], notes };
  }

  /** What checking the output says against it. */
  #doubts(): string[] {
    if (this.#proof?.is === 'failed') return [this.#proof.problem];
    return this.#proof?.is === 'sound' ? this.#proof.verification.warnings : [];
  }

  /** The output's name without folders, from its start on. */
  get outputName(): string {
    if (this.#state.is === 'moved') return this.#state.path.slice(this.#state.path.lastIndexOf('/') + 1);
    return (this.path ?? '').slice(this.folder.length);
  }

  /** The output is being saved, alone or with others: so many bytes in all. */
  handOver(bytes: number): void {
    this.saved = true;
    this.custody.handOver(bytes);
  }

  /** Calls back whenever the state changes, the prediction of one that waits, or what is proven of an output. */
  watch(watcher: (job: Job) => void): void {
    this.#watchers.add(watcher);
  }
}
