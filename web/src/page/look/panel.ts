// The look at the selected file: asks the engine what is to be shown, and hands it to the pictures.

import { messageOf } from '../../problem.js';
import type { BitsPlan, Choice, Crop, Histogram, Picture, Plan, Rendering, Stored } from '../../protocol.js';
import type { Engine } from '../engine.js';
import * as fmt from '../fmt.js';
import type { Job } from '../job.js';
import type { Standby } from '../standby.js';
import { BitsTable } from './bits.js';
import { Contrast } from './contrast.js';
import { Facts } from './facts.js';
import { HistogramPlot } from './histogram.js';
import { Latest } from './latest.js';
import { Measuring } from './measuring.js';
import { partAround } from './part.js';
import { Overview } from './picture.js';
import { Sections, partUpTo, wordsOfImage, wordsOfSection, type Where } from './sections.js';
import { SpectraPlot } from './spectra.js';
import { Split } from './split.js';
import { View } from './view.js';
import { Waiting } from './waiting.js';

// Longest side of the overview, in pixels: as much as a sharp screen shows of it.
const OVERVIEW = 800;

/** What the look needs of the page. */
export interface Surroundings {
  /** Answers within a blink; two workers, as a plan takes long. */
  quick: Standby;
  measuring: Standby;
  /** Resolves when no file is worked on, or when nobody waits for that any more. */
  idle(awaited: () => boolean): Promise<void>;
  settings: { readonly choice: Choice | null; watch(watcher: () => void): void };
  /** Sets the bits for the files. */
  choose(bits: string): void;
}

export class Look {
  readonly #surroundings: Surroundings;
  readonly #section: HTMLElement;
  readonly #problem: HTMLElement;
  readonly #sections: Sections;
  readonly #view = new View();
  readonly #overview: Overview;
  readonly #split: Split;
  readonly #histogram: HistogramPlot;
  readonly #spectra: SpectraPlot;
  readonly #table: BitsTable;
  readonly #facts: Facts;
  readonly #measuring: Measuring;
  readonly #waiting: Waiting;
  readonly #pictures = new Latest<Picture>();
  readonly #crops = new Latest<Crop>();
  readonly #histograms = new Latest<Histogram>();
  readonly #stores = new Latest<Stored>();
  /** What speaks of bits, and says nothing where none are stored. */
  readonly #ofBits: HTMLElement[];
  readonly #watched = new WeakSet<Job>();
  #job: Job | null = null;
  /** Tells files apart, in subjects of questions. */
  #turn = 0;
  /** Aborted when another file is looked at: what is still read of this one keeps nobody waiting. */
  #left = new AbortController();
  #file: Job['file'] | null = null;
  #choice: Choice | null = null;
  #where: Where = { image: 0, section: null };
  #picture: Picture | null = null;
  #crop: Crop | null = null;
  /** What picture and crop are of, as subjects of questions, and how frames were summed for the picture. */
  #pictured = '';
  #picturedMovie = '';
  /** And for the one that was asked for last. */
  #askedMovie = '';
  #cropped = '';
  #plan: Plan | null = null;
  #bits: number | null = null;

  constructor(section: HTMLElement, surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#section = section;
    const part = <E extends HTMLElement>(selector: string): E => section.querySelector<E>(selector)!;
    this.#problem = part('#look-problem');
    this.#ofBits = ['.look-bits', '.look-modes', '.look-spectra'].map((selector) => part(selector));
    const contrast = new Contrast(part('.look-contrast'), () => {
      this.#overview.redraw();
      this.#split.redraw();
    });
    this.#sections = new Sections(part('.look-sections'), (where) => this.#go(where));
    const common = { view: this.#view, contrast, turn: (by: 1 | -1) => this.#sections.turn(by) };
    this.#split = new Split(part('.look-split'), { ...common, below: () => this.#overview.tile });
    this.#overview = new Overview(part('.look-overview'), { ...common, pixel: (x, y) => this.#split.pixel(x, y) });
    this.#histogram = new HistogramPlot(part('.look-histogram'));
    this.#spectra = new SpectraPlot(part('.look-spectra'));
    this.#table = new BitsTable(section, { shown: (bits) => this.#try(bits), choose: surroundings.choose });
    this.#facts = new Facts(part('.look-facts'), part('.look-attributes'));
    // They are asked for again once the picture is there.
    const lost = (): void => [this.#crops, this.#histograms, this.#stores].forEach((questions) => questions.drop());
    this.#waiting = new Waiting(part('.look-wait'), lost);
    const words = 'Measuring the noise and what each number of bits costs';
    const watcher = {
      waits: (share: number | null) => this.#table.wait(words, share),
      take: (plan: Plan) => {
        this.#plan = plan;
        this.#table.show(plan);
        this.#showPlan();
        if (this.#image) this.#measuring.askWhole(`${this.#turn} ${this.#movie}`, this.#pixels, this.#file!, this.#eer, this.#choice);
      },
      fail: (problem: unknown) => this.#table.fail(messageOf(problem)),
      whole: (lines: string[]) => this.#table.sum(lines),
    };
    this.#measuring = new Measuring(surroundings.measuring, watcher, surroundings.idle);
    this.#view.watch(() => this.#askCrop());
    surroundings.settings.watch(() => this.#follow());
    this.#follow();
    this.#clear();
    // Started now, so that the first picture does not wait for it.
    surroundings.quick.ask((engine) => engine.formats()).catch(() => undefined);
  }

  /** Looks at a file, or at none. */
  show(job: Job | null): void {
    const file = job?.file ?? null;
    if (job === this.#job && file === this.#file) return;
    [this.#job, this.#file] = [job, file];
    this.#clear();
    this.#section.dataset['shows'] = job ? 'waiting' : 'nothing';
    if (!job) return;
    if (!this.#watched.has(job)) {
      this.#watched.add(job);
      // Of a pair the other file may come.
      job.watch(() => {
        if (job !== this.#job) return;
        this.show(job);
        this.#goByOthers();
      });
    }
    this.#askPicture();
  }

  /** Shows nothing, and takes no answer to what was asked. */
  #clear(): void {
    this.#turn++;
    this.#left.abort();
    this.#left = new AbortController();
    this.#where = { image: 0, section: null };
    this.#pictures.drop();
    this.#waiting.drop();
    this.#leavePicture();
    this.#problem.textContent = '';
  }

  /** Shows no picture, nor what was found out about the one that was there. */
  #leavePicture(): void {
    for (const questions of [this.#crops, this.#histograms, this.#stores]) questions.drop();
    this.#picture = this.#crop = null;
    this.#pictured = this.#picturedMovie = this.#cropped = '';
    this.#forgetPlan();
    this.#view.clear();
    this.#sections.show({ image: 0, images: 1, section: 0, sections: 1 });
    this.#overview.show(null);
    this.#split.show(null);
    this.#histogram.show(null);
    this.#facts.show(null, null);
    this.#facts.describe([]);
  }

  /** How the images of a movie are made: as they were for its output, if there is one, else as the settings are. */
  get #eer(): Rendering | null {
    return this.#job?.madeWith ?? this.#choice?.eer ?? null;
  }

  /** Asks about the file that is looked at; not twice, as the file may be what breaks the worker. */
  #ask<T>(question: (engine: Engine, file: Job['file'], eer: Rendering | null) => Promise<T>): () => Promise<T> {
    const [file, eer] = [this.#file!, this.#eer];
    const { signal } = this.#left;
    return () => this.#surroundings.quick.askOnce((engine) => question(engine, file, eer), signal);
  }

  /** The settings have changed. */
  #follow(): void {
    const { choice } = this.#surroundings.settings;
    if (!choice) return; // while they are checked, or are wrong
    this.#choice = choice;
    this.#showWay();
    if (this.#goByOthers()) return;
    if (this.#plan) this.#showPlan();
    if (this.#crop) this.#askPlan();
  }

  /** Looks at the images that a movie is made into now, if they are others than those that were asked for. */
  #goByOthers(): boolean {
    if (!this.#job || this.#movie === this.#askedMovie) return false;
    // What other images would cost says nothing of these.
    this.#forgetPlan();
    this.#go(this.#isSummed ? { image: 0, section: null } : this.#where);
    return true;
  }

  /** Shows what there is to choose: MRC has no bits, and nothing that would change those of another time. */
  #showWay(): void {
    const isStored = this.#isStored;
    for (const element of this.#ofBits) element.hidden = !isStored;
    this.#split.alone(!isStored);
    if (!isStored) this.#forgetPlan();
  }

  /** Whether codes are to be stored. */
  get #isStored(): boolean {
    return this.#choice?.way !== 'expand';
  }

  /** Which image it is, where there are several. */
  get #image(): string {
    return this.#picture ? wordsOfImage(this.#picture) : '';
  }

  /** Whether images are sums of frames, as far as is known. */
  get #isSummed(): boolean {
    return (this.#job?.inspection?.info.format ?? 'EER') === 'EER';
  }

  /** How frames are summed: of other formats, too, as what a picture is of must not change when its header comes after it. */
  get #movie(): string {
    return JSON.stringify(this.#eer);
  }

  #go(where: Where): void {
    if (!this.#job) return;
    if (where.image !== this.#where.image) this.#forgetPlan();
    this.#where = where;
    this.#askPicture();
  }

  get #place(): string {
    return `${this.#turn} ${this.#where.image} ${this.#where.section} ${this.#movie}`;
  }

  #askPicture(): void {
    this.#askedMovie = this.#movie;
    const { image, section } = this.#where;
    const [file, eer] = [this.#file!, this.#eer];
    const subject = this.#place;
    const words = `Reading${this.#sections.words.replace(/^,/, '') || ' the file'}`;
    const reading = this.#waiting.read(subject, words, partUpTo(this.#where, this.#job?.inspection?.info));
    const { signal: left } = this.#left;
    this.#pictures.wish({
      subject,
      ask: (gone) => {
        gone.addEventListener('abort', reading.unwanted, { once: true });
        const question = (engine: Engine): Promise<Picture> => {
          reading.began(engine);
          return engine.picture(file, eer, image, section, OVERVIEW, reading.progress);
        };
        return this.#surroundings.quick.askOnce(question, left).finally(reading.over);
      },
      take: (picture) => this.#takePicture(picture),
      fail: (problem) => {
        if (this.#picturedMovie !== this.#movie) this.#leavePicture();
        this.#fail(problem);
      },
    });
  }

  #takePicture(picture: Picture): void {
    this.#picture = picture;
    this.#where = { image: picture.image, section: picture.section };
    [this.#pictured, this.#picturedMovie] = [this.#place, this.#movie];
    this.#problem.textContent = '';
    this.#section.dataset['shows'] = 'picture';
    this.#sections.show(picture);
    this.#table.of(this.#image);
    this.#facts.describe(picture.attributes, this.#image);
    this.#overview.show(picture, this.#title);
    this.#view.show(picture.nx, picture.ny);
    if (this.#cropped === this.#pictured) this.#askStored();
    this.#askCrop();
    this.#histograms.wish({
      subject: this.#place,
      ask: this.#ask((engine, file, eer) => engine.histogram(file, eer, picture.image, picture.section)),
      take: (histogram) => this.#histogram.show(histogram, wordsOfSection(picture)),
      fail: () => this.#histogram.show(null),
    });
  }

  get #title(): string {
    return `${fmt.shown(this.#file?.name ?? '')}${this.#sections.words}`;
  }

  /** Asks for the pixels around what is in view, unless they are there. */
  #askCrop(): void {
    const [picture, place] = [this.#picture, this.#place];
    if (!picture || place !== this.#pictured) return; // another one is on its way
    const { seen } = this.#view;
    if (seen.nx <= 0 || seen.ny <= 0) return; // the look is not laid out yet
    const { image, section } = picture;
    const part = partAround(seen, picture, place === this.#cropped ? this.#crop : null);
    if (!part) return;
    const wanted = { image, section, ...part };
    this.#crops.wish({
      subject: place,
      ask: this.#ask((engine, file, eer) => engine.crop(file, eer, wanted)),
      take: (found) => {
        [this.#crop, this.#cropped] = [found, place];
        this.#split.show(found);
        this.#askStored();
        this.#askPlan();
      },
      fail: (problem) => {
        if (place !== this.#cropped) this.#split.show(null);
        this.#fail(problem);
      },
    });
  }

  #forgetPlan(): void {
    this.#measuring.drop();
    this.#unplan();
    this.#table.show(null);
    this.#facts.show(null, null);
  }

  #unplan(): void {
    this.#plan = this.#bits = null;
    this.#stores.drop();
    this.#split.store(null, null, null);
    this.#spectra.show(null);
    this.#spectra.mark(null, null);
    this.#histogram.mark(null);
  }

  /** Of an image. */
  get #pixels(): number {
    const { nx, ny, nz } = this.#job?.inspection?.info ?? { nx: 0, ny: 0, nz: 0 };
    return nx * ny * nz;
  }

  #askPlan(): void {
    if (!this.#isStored) return;
    const { image } = this.#where;
    const subject = `${this.#turn} ${image} ${this.#movie}`;
    // What the one before says is shown no longer.
    if (this.#measuring.ask(subject, this.#pixels, this.#file!, this.#eer, image, this.#choice)) this.#unplan();
  }

  /** Shows what the settings choose, or auto where they choose no number of bits. */
  #showPlan(): void {
    const { plan, rows } = this.#plan!;
    const chosen = this.#choice?.way === 'compress' ? this.#choice.bits : '';
    const automatic = rows.find((row) => row.chosen)?.bits ?? (plan.bits === 0 ? 0 : null);
    const number = Number(chosen);
    const bits = chosen === 'auto' || chosen === '' ? automatic : Math.max(0, number);
    this.#facts.show(this.#plan, this.#job?.inspection ?? null, this.#image);
    this.#table.mark(bits, chosen);
    this.#try(bits);
  }

  get #row(): BitsPlan | null {
    return this.#plan?.plan.table.find(({ bits }) => bits === this.#bits) ?? null;
  }

  /** Shows how so many bits store what is in view; 0 are floats. */
  #try(bits: number | null): void {
    this.#bits = bits;
    const row = this.#row;
    this.#histogram.mark(row && { ...row, bits: row.kept ?? row.bits });
    this.#spectra.mark(this.#row, this.#plan);
    this.#askStored();
  }

  #askStored(): void {
    const [crop, row] = [this.#crop, this.#row];
    if (!crop || !this.#plan) return;
    if (!row) {
      this.#stores.drop();
      this.#spectra.show(null, this.#bits === 0 ? 'Floats store every pixel as it is: no difference' : '');
      return this.#split.store(this.#bits, null, null);
    }
    const { low, high, kept } = row;
    const bits = kept ?? row.bits;
    this.#stores.wish({
      // Another part of the same section is right wherever it lies.
      subject: `${this.#cropped} ${low} ${high} ${bits} ${kept !== null}`,
      ask: () => this.#surroundings.quick.askOnce((engine) => engine.stored(crop, low, high, bits, kept !== null)),
      take: (stored) => {
        this.#split.store(bits, crop, stored, kept !== null);
        this.#spectra.show(stored);
      },
      fail: (problem) => this.#fail(problem),
    });
  }

  #fail(problem: unknown): void {
    this.#problem.textContent = messageOf(problem);
    if (!this.#picture) this.#section.dataset['shows'] = 'problem';
  }
}
