// Answers what the page asks to show a file. The file and the section last shown stay open in the module, so that going about
// in the section reads and decodes nothing again, and going on in a compressed file decodes it from there on.

import type * as Module from '../../generated/wasm/threads/e2compress.js';
import type { Choice, Chosen, Compression, LookReply, LookRequest, OfSection, Rendering } from '../protocol.js';
import type { Input } from './slice.js';

/** What it takes from the worker that holds the module. */
export interface Core {
  module: typeof Module;
  open(chosen: Chosen): Input;
  /** Opens a file that is read from its beginning to its end, until `close`. */
  follow(chosen: Chosen): Input;
  close(): void;
  rendering(eer: Rendering | null): Module.Rendering;
  settings(choice: Compression): Module.Settings;
}

type Progress = (done: number, total: number) => void;

/** A file that is open. */
interface OpenFile {
  opened: Module.Opened;
  key: string;
}

/** A section of it. */
interface OpenSection {
  look: Module.Look;
  image: number;
  section: number;
  /** Nobody named it: it is the middle one. */
  middle: boolean;
}

export class Looks {
  #file: OpenFile | null = null;
  #section: OpenSection | null = null;
  /** Told how far the file is read for the question at hand. */
  #progress: Progress | null = null;

  /** The answer, and the buffers that may go with it instead of being copied. */
  answer(core: Core, request: LookRequest, progress: Progress): [LookReply, ArrayBuffer[]] {
    this.#progress = progress;
    try {
      return this.#answer(core, request, progress);
    } finally {
      this.#progress = null;
    }
  }

  #answer(core: Core, request: LookRequest, progress: Progress): [LookReply, ArrayBuffer[]] {
    const { id } = request;
    switch (request.type) {
      case 'picture': {
        const [look, opened] = this.#at(core, request);
        const picture = look.picture(opened, request.most);
        return [{ type: 'picture', id, picture }, [picture.values.buffer]];
      }
      case 'crop': {
        const { x, y, nx, ny } = request;
        const [look, opened] = this.#at(core, request);
        const crop = look.crop(opened, x, y, nx, ny);
        return [{ type: 'crop', id, crop }, [crop.values.buffer]];
      }
      case 'histogram': {
        const [look, opened] = this.#at(core, request);
        return [{ type: 'histogram', id, histogram: look.histogram(opened) }, []];
      }
      case 'plan':
        return [{ type: 'plan', id, plan: closing(core, () => plan(core, request, progress)) }, []];
      case 'stored': {
        const { crop, low, high, bits, kept } = request;
        const stored = core.module.stored(crop.values, crop.nx, low, high, bits, kept);
        return [{ type: 'stored', id, stored }, [stored.values.buffer, stored.difference.buffer]];
      }
      case 'predict':
        return [{ type: 'predict', id, prediction: closing(core, () => predict(core, request.file, request.choice, progress)) }, []];
    }
  }

  /** The section that is asked about, and its file, opened unless they are. */
  #at(core: Core, question: OfSection): [Module.Look, Module.Opened] {
    const { image, section } = question;
    const opened = this.#opened(core, question);
    const open = this.#section;
    if (open?.image === image && (section === null ? open.middle : section === open.section)) return [open.look, opened];
    this.#leaveSection();
    const look = new core.module.Look(opened, image, section);
    this.#section = { look, image, section: look.section(), middle: section === null };
    return [look, opened];
  }

  #opened(core: Core, { known, file, eer }: OfSection): Module.Opened {
    const key = JSON.stringify([known, eer]);
    if (this.#file?.key === key) return this.#file.opened;
    this.#leaveSection();
    // What one holds is free for the next.
    const before = this.#file;
    this.#file = null;
    before?.opened.free();
    const input = this.#watched(core.open(file));
    const opened = new core.module.Opened(input, file.name, core.rendering(eer));
    this.#file = { opened, key };
    return opened;
  }

  #leaveSection(): void {
    const before = this.#section;
    this.#section = null;
    before?.look.free();
  }

  /** The same file, that tells how far it is read. */
  #watched(input: Input): Input {
    const { size } = input;
    const read = (offset: number, bytes: Uint8Array): void => {
      input.read(offset, bytes);
      this.#progress?.(offset + bytes.length, size);
    };
    return { ...input, read };
  }
}

function closing<T>(core: Core, work: () => T): T {
  try {
    return work();
  } finally {
    core.close();
  }
}

function plan(core: Core, request: Extract<LookRequest, { type: 'plan' }>, progress: Progress): ReturnType<typeof Module.plan> {
  const { file, eer, image, choice } = request;
  const settings = core.settings(choice);
  const found = core.module.plan(core.follow(file), file.name, core.rendering(eer), image, settings, progress);
  settings.free();
  return found;
}

function predict(core: Core, file: Chosen, choice: Choice, progress: Progress): ReturnType<typeof Module.predict> {
  const input = core.follow(file);
  const rendering = core.rendering(choice.eer);
  if (choice.way === 'expand') return core.module.predictExpansion(input, file.name, rendering, choice.mode);
  const settings = core.settings(choice);
  const found = core.module.predict(input, file.name, rendering, settings, progress);
  settings.free();
  return found;
}
