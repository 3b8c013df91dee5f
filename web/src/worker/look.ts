// Answers what the page asks to show a file. The section last shown stays held by the module, so that going about in it
// reads and decodes nothing again.

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

/** A section that is open. */
interface Open {
  look: Module.Look;
  key: string;
  section: number;
  /** Nobody named it: it is the middle one. */
  middle: boolean;
}

export class Looks {
  #open: Open | null = null;

  /** The answer, and the buffers that may go with it instead of being copied. */
  answer(core: Core, request: LookRequest, progress: Progress): [LookReply, ArrayBuffer[]] {
    const { id } = request;
    switch (request.type) {
      case 'picture': {
        const picture = this.#at(core, request).picture(core.open(request.file), request.most);
        return [{ type: 'picture', id, picture }, [picture.values.buffer]];
      }
      case 'crop': {
        const { x, y, nx, ny } = request;
        const crop = this.#at(core, request).crop(core.open(request.file), x, y, nx, ny);
        return [{ type: 'crop', id, crop }, [crop.values.buffer]];
      }
      case 'histogram':
        return [{ type: 'histogram', id, histogram: this.#at(core, request).histogram(core.open(request.file)) }, []];
      case 'plan':
        return [{ type: 'plan', id, plan: closing(core, () => plan(core, request, progress)) }, []];
      case 'stored': {
        const { crop, low, high, bits } = request;
        const stored = core.module.stored(crop.values, crop.nx, low, high, bits);
        return [{ type: 'stored', id, stored }, [stored.values.buffer, stored.difference.buffer]];
      }
      case 'predict':
        return [{ type: 'predict', id, prediction: closing(core, () => predict(core, request.file, request.choice, progress)) }, []];
    }
  }

  /** The section that is asked about, opened unless it is. */
  #at(core: Core, { known, file, eer, image, section }: OfSection): Module.Look {
    const key = JSON.stringify([known, eer, image]);
    const open = this.#open;
    if (open?.key === key && (section === null ? open.middle : section === open.section)) return open.look;
    // What one holds is free for the next.
    this.#open = null;
    open?.look.free();
    const look = new core.module.Look(core.open(file), file.name, core.rendering(eer), image, section);
    this.#open = { look, key, section: look.section(), middle: section === null };
    return look;
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
