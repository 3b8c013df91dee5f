// The page's side of a worker with the WebAssembly module.

import { messageOf } from '../problem.js';
import type {
  Choice,
  Chosen,
  Compression,
  Crop,
  Format,
  FoundRecord,
  Histogram,
  Inspection,
  Made,
  OfSection,
  Part,
  Picture,
  Place,
  Plan,
  Prediction,
  RecordLine,
  Rendering,
  Reply,
  Request,
  Start,
  Stored,
  Verification,
} from '../protocol.js';
import { Silence } from './silence.js';

declare const WASM_FOLDER: string;

// A worker that says nothing for so long, in milliseconds, will not start any more.
const START_TIME = 15_000;

/** Told what is done, of how much. */
type Progress = (done: number, total: number) => void;

type Question = Request extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

interface Pending {
  resolve(reply: Reply): void;
  reject(problem: Error): void;
  progress?: Progress | undefined;
}

/** A name that no other worker of this host has; pages from http have no UUIDs. */
function name(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(16)).join('-');
}

/** The worker was ended, by the user or because it cannot go on. */
export class Ended extends Error {}

/** It did not start; nor will the next one at once. */
export class Unstarted extends Ended {}

/** It was ended as it had stopped, for no reason that anybody knows: the same may well work the next time. */
export class Stopped extends Ended {}

/** One worker, and with threads its pool. Ending it ends them all, whatever they are doing. */
export class Engine {
  readonly threads: number;
  readonly #name: string;
  readonly #worker: Worker;
  readonly #channel: BroadcastChannel;
  readonly #pending = new Map<number, Pending>();
  readonly #silence: Silence;
  /** Numbers of files: a copy that a worker gets does not tell which it was. */
  readonly #files = new WeakMap<File, number>();
  #last = 0;
  /** The file that was named as the next one. */
  #next: Chosen | null = null;
  #ended: Error | null = null;

  private constructor(threads: number, name: string) {
    this.threads = threads;
    this.#name = name;
    this.#worker = new Worker(new URL('../worker/coordinator.ts', import.meta.url), { type: 'module', name });
    // Panics of the worker and of its pool are told here.
    this.#channel = new BroadcastChannel(name);
    const stopped = (): void => this.#end(new Stopped('it gave no sign of life for minutes'));
    this.#silence = new Silence(() => this.#pending.size > 0, stopped);
  }

  /** Starts a worker; `threads` 0 is the build without threads. */
  static async start(threads: number): Promise<Engine> {
    const engine = new Engine(threads, `e2compress ${name()}`);
    const modules = new URL(`${WASM_FOLDER}/`, document.baseURI).href;
    let timer = 0;
    const late = new Promise<never>((_, reject) => {
      timer = window.setTimeout(() => reject(new Error('the worker did not start')), START_TIME);
    });
    try {
      await Promise.race([engine.#whenReady({ modules, threads }).then(() => engine.#guard()), late]);
      return engine;
    } catch (problem) {
      engine.end('it could not be started');
      // It says nothing of what was to be asked.
      throw new Unstarted(messageOf(problem));
    } finally {
      clearTimeout(timer);
    }
  }

  #whenReady(start: Start): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#channel.onmessage = ({ data }) => {
        reject(new Error(String(data)));
        this.end(String(data));
      };
      this.#worker.onerror = (event) => {
        const message = event.message || 'the worker could not be loaded';
        reject(new Error(message));
        this.end(message);
      };
      this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => {
        if (data.type === 'ready') resolve();
        else if (data.type === 'unusable') reject(new Error(data.message));
        else this.#take(data);
      };
      this.#worker.postMessage(start);
    });
  }

  /** Each worker holds a lock while it lives, see worker/liveness.ts. */
  async #guard(): Promise<void> {
    const { locks } = navigator as { locks?: LockManager };
    const { held = [] } = (await locks?.query()) ?? {};
    for (const { name = '' } of held) {
      if (name.startsWith(`${this.#name} `)) void locks?.request(name, () => this.end('a worker ended without a word'));
    }
  }

  #take(reply: Reply): void {
    this.#silence.heard();
    if (reply.type === 'broken') return this.end(reply.message);
    if (!('id' in reply)) return;
    const pending = this.#pending.get(reply.id);
    if (reply.type === 'progress') return pending?.progress?.(reply.done, reply.total);
    this.#pending.delete(reply.id);
    if (reply.type === 'failed') pending?.reject(new Error(reply.message));
    else pending?.resolve(reply);
  }

  #ask(question: Question, progress?: Progress): Promise<Reply> {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      // Before it counts as pending: what cannot be sent is never answered.
      this.#worker.postMessage({ ...question, id });
      this.#pending.set(id, { resolve, reject, progress });
    });
  }

  /** Whether it can still be asked. */
  get usable(): boolean {
    return this.#ended === null;
  }

  /** Ends the worker and its pool at once; what is pending fails with this reason. */
  end(reason: string): void {
    this.#end(new Ended(reason));
  }

  #end(problem: Ended): void {
    if (this.#ended) return;
    this.#ended = problem;
    this.#silence.end();
    this.#worker.terminate();
    this.#channel.close();
    for (const { reject } of this.#pending.values()) reject(problem);
    this.#pending.clear();
  }

  /** Which formats there are. */
  async formats(): Promise<Format[]> {
    const reply = await this.#ask({ type: 'formats' });
    return (reply as Extract<Reply, { type: 'formats' }>).formats;
  }

  /** What a file says of itself and, of an EER movie, of what is made of it. */
  async inspect(file: Chosen, eer: Rendering | null = null): Promise<Inspection> {
    const reply = await this.#ask({ type: 'inspect', file, eer });
    return (reply as Extract<Reply, { type: 'inspected' }>).inspection;
  }

  /** What is wrong with a choice, or null. */
  async check(choice: Choice): Promise<string | null> {
    const reply = await this.#ask({ type: 'check', choice });
    return (reply as Extract<Reply, { type: 'checked' }>).problem;
  }

  /** The CRC-32 of a file. */
  async checksum(file: File): Promise<number> {
    const reply = await this.#ask({ type: 'checksum', file });
    return (reply as Extract<Reply, { type: 'summed' }>).crc;
  }

  /** What decides an output's bytes, as a record has it; null for expansions, which have no lines. */
  async options(choice: Choice): Promise<string | null> {
    const reply = await this.#ask({ type: 'options', choice });
    return (reply as Extract<Reply, { type: 'options' }>).options;
  }

  /** The SHA-256 of a file, which is read to its end. */
  async fingerprint(file: File, progress: (done: number, total: number) => void): Promise<string> {
    const reply = await this.#ask({ type: 'fingerprint', file }, progress);
    return (reply as Extract<Reply, { type: 'fingerprint' }>).sha256;
  }

  /** What a record says. */
  async readRecord(file: File): Promise<FoundRecord> {
    const reply = await this.#ask({ type: 'record', file });
    return (reply as Extract<Reply, { type: 'record' }>).record;
  }

  /** A line of a record. */
  async line(line: RecordLine): Promise<string> {
    const reply = await this.#ask({ type: 'line', line });
    return (reply as Extract<Reply, { type: 'line' }>).line;
  }

  /** That so many outputs of so many files are larger than their inputs, in words. */
  async grown(grew: number, files: number): Promise<string> {
    const reply = await this.#ask({ type: 'grown', grew, files });
    return (reply as Extract<Reply, { type: 'grown' }>).words;
  }

  /** Checks an output beside its input. */
  async verify(output: Chosen, file: Chosen, progress: (done: number, total: number) => void): Promise<Verification> {
    const reply = await this.#ask({ type: 'verify', output, file }, progress);
    return (reply as Extract<Reply, { type: 'verified' }>).verification;
  }

  /** Makes what was chosen of a file, in the page's own storage. `next` is the file that is likely to come after it. */
  async make(
    file: Chosen,
    place: Place,
    choice: Choice,
    progress: Progress,
    next: Chosen | null = null,
  ): Promise<Made> {
    const named = file === this.#next;
    this.#next = next;
    const reply = await this.#ask({ type: 'make', file, named, next, place, choice }, progress);
    return (reply as Extract<Reply, { type: 'made' }>).made;
  }

  #of(file: Chosen, eer: Rendering | null, image: number, section: number | null): OfSection {
    const known = this.#files.get(file.file) ?? ++this.#last;
    this.#files.set(file.file, known);
    return { known, file, eer, image, section };
  }

  /** A section, the middle one where it is null, with at most so many pixels along the longer side. */
  async picture(
    file: Chosen,
    eer: Rendering | null,
    image: number,
    section: number | null,
    most: number,
    progress?: Progress,
  ): Promise<Picture> {
    const reply = await this.#ask({ type: 'picture', ...this.#of(file, eer, image, section), most }, progress);
    return (reply as Extract<Reply, { type: 'picture' }>).picture;
  }

  /** The pixels of a part of a section. */
  async crop(file: Chosen, eer: Rendering | null, part: Part): Promise<Crop> {
    const { image, section, x, y, nx, ny } = part;
    const reply = await this.#ask({ type: 'crop', ...this.#of(file, eer, image, section), section, x, y, nx, ny });
    return (reply as Extract<Reply, { type: 'crop' }>).crop;
  }

  /** Counts of the values of a section. */
  async histogram(file: Chosen, eer: Rendering | null, image: number, section: number): Promise<Histogram> {
    const reply = await this.#ask({ type: 'histogram', ...this.#of(file, eer, image, section) });
    return (reply as Extract<Reply, { type: 'histogram' }>).histogram;
  }

  /** What each number of bits costs an image, under the choice's limits. */
  async plan(file: Chosen, eer: Rendering | null, image: number, choice: Compression, progress?: Progress): Promise<Plan> {
    const reply = await this.#ask({ type: 'plan', file, eer, image, choice }, progress);
    return (reply as Extract<Reply, { type: 'plan' }>).plan;
  }

  /** A crop as codes of so many bits that span a range store it; `kept` are those of the input. */
  async stored(crop: Crop, low: number, high: number, bits: number, kept: boolean): Promise<Stored> {
    const reply = await this.#ask({ type: 'stored', crop, low, high, bits, kept });
    return (reply as Extract<Reply, { type: 'stored' }>).stored;
  }

  /** What a file would become, from a few of its images. */
  async predict(file: Chosen, choice: Choice, progress?: Progress): Promise<Prediction> {
    const reply = await this.#ask({ type: 'predict', file, choice }, progress);
    return (reply as Extract<Reply, { type: 'predict' }>).prediction;
  }
}
