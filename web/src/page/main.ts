// The page: files in, rows, outputs out.

import { chosen, dropped, type Arrival } from './drop.js';
import { ability, prepare } from '../offline/isolation.js';
import type { Job } from './job.js';
import { Queue } from './queue.js';
import { Row } from './row.js';
import { Folder, finished, saveZip } from './save.js';
import { Settings } from './settings.js';
import { Outputs } from '../storage/outputs.js';
import * as fmt from './fmt.js';

const $ = <E extends HTMLElement>(selector: string): E => document.querySelector<E>(selector)!;

const { threads, reason } = ability();
const rows = new Map<Job, Row>();
let started = false;
let folder: Folder | null = null;

function showThreads(count: number, why: string | null): void {
  const text = count > 1 ? `${count} threads` : '1 thread';
  const build = count > 0 ? text : `${text}, without shared memory`;
  $('#threads').textContent = why === null ? build : `${build}: ${why}`;
}

showThreads(threads, reason);

const storage = Outputs.open();
storage.catch(complain);

const queue: Queue = new Queue({
  storage,
  threads,
  choice: () => (settings.atOnce || started ? settings.choice : null),
  withoutThreads: (problem) => showThreads(0, problem),
});

const settings: Settings = new Settings(
  $('#settings'),
  (choice) => queue.ask((engine) => engine.check(choice)),
  () => {
    refresh();
    queue.advance();
  },
);

function complain(problem: unknown): void {
  $('#problem').textContent = problem instanceof Error ? problem.message : String(problem);
}

/** Speaks to those who hear the page. */
function say(text: string): void {
  $('#said').textContent = text;
}

function take({ found, leftOut }: Arrival): void {
  $('#problem').textContent =
    leftOut === 0 ? '' : `${fmt.files(leftOut)} of the folder left out: not named as MRC or HDF5 (.mrc, .mrcs, .st, .map, .hdf, ...)`;
  if (found.length === 0) return;
  const jobs = queue.add(found);
  for (const job of jobs) {
    const row = new Row(job, { cancel, again: (job) => void queue.again(job), remove, saved });
    rows.set(job, row);
    job.watch(follow);
    $('#files').append(row.element);
  }
  say(`${fmt.files(jobs.length)} added`);
  refresh();
}

function cancel(job: Job): void {
  queue.cancel(job);
}

function remove(job: Job): void {
  const row = rows.get(job);
  if (!row) return;
  // The focus goes to the row that takes this one's place.
  const next = row.element.nextElementSibling ?? row.element.previousElementSibling;
  rows.delete(job);
  row.close();
  void queue.remove(job);
  (next?.querySelector<HTMLElement>('.remove') ?? $('#choose')).focus();
  refresh();
}

/** The browser saves what is there; what isn't is told. */
function saved(job: Job): void {
  if (job.state.is === 'finished') job.handOver(job.state.output.size);
  void queue.holds(job);
}

/** After each change of a job's state. */
function follow(job: Job): void {
  const { state, file } = job;
  if (state.is === 'running') {
    if (state.total === 0) refresh();
    return;
  }
  if (state.is === 'finished') {
    say(`${file.name} is finished`);
    if (folder) move(folder, [job]);
  }
  if (state.is === 'failed') say(`${file.name} failed: ${state.problem}`);
  refresh();
}

function move(target: Folder, jobs: Job[]): void {
  for (const job of jobs) {
    void target.move(job).catch((problem) => complain(`${job.outputName} could not be saved in ${target.name}: ${problem}`));
  }
}

let waiting = false;

/** Shows the list's totals and what can be done with it, once for many changes. */
function refresh(): void {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    showTotals();
  });
}

function showTotals(): void {
  const { jobs } = queue;
  const count = (...states: string[]): number => jobs.filter(({ state }) => states.includes(state.is)).length;
  const [open, idle, failed] = [count('inspecting', 'waiting', 'running'), count('waiting'), count('failed')];
  let [before, after, done] = [0, 0, 0];
  for (const { file, state } of jobs) {
    if (state.is !== 'finished' && state.is !== 'moved') continue;
    done++;
    before += file.size;
    after += state.made.outputBytes;
  }
  const parts = [`${fmt.files(jobs.length)}`, `${done} finished`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (done > 0) parts.push(`${fmt.bytes(before)} to ${fmt.bytes(after)} (${(before / Math.max(1, after)).toFixed(2)}x)`);
  $('#totals').textContent = jobs.length > 0 ? parts.join(', ') : 'No files yet';
  const outputs = finished(jobs).length;
  $('#work').hidden = jobs.length === 0;
  $<HTMLButtonElement>('#start').hidden = settings.atOnce || started || idle === 0;
  $<HTMLButtonElement>('#start').disabled = settings.choice === null;
  $<HTMLButtonElement>('#cancel-all').disabled = open === 0;
  $<HTMLButtonElement>('#save-zip').disabled = outputs === 0;
  $<HTMLButtonElement>('#remove-finished').disabled = done === 0;
  if (open === 0) started = false;
}

const input = $<HTMLInputElement>('#input');

input.addEventListener('change', () => {
  if (input.files) take(chosen(input.files));
  input.value = ''; // the same file may be chosen again
});

$('#choose').addEventListener('click', () => input.click());

$('#choose-folder').addEventListener('click', () => {
  const whole = document.createElement('input');
  whole.type = 'file';
  whole.webkitdirectory = true;
  whole.addEventListener('change', () => whole.files && take(chosen(whole.files)));
  whole.click();
});

// All of the window takes files: a drop beside the marked place would make the browser leave the page.
for (const type of ['dragenter', 'dragover'] as const) {
  window.addEventListener(type, (event) => {
    event.preventDefault();
    document.body.classList.add('dragging');
  });
}
window.addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) document.body.classList.remove('dragging');
});
window.addEventListener('drop', (event) => {
  event.preventDefault();
  document.body.classList.remove('dragging');
  if (event.dataTransfer) dropped(event.dataTransfer).then(take, complain);
});

$('#start').addEventListener('click', () => {
  started = true;
  queue.advance();
  refresh();
});

$('#cancel-all').addEventListener('click', () => {
  // Those that wait first, so that none of them starts.
  for (const job of [...queue.jobs].reverse()) queue.cancel(job);
});

$('#remove-finished').addEventListener('click', () => {
  for (const job of [...queue.jobs]) {
    if (job.state.is === 'finished' || job.state.is === 'moved') remove(job);
  }
});

$('#save-zip').addEventListener('click', () => {
  const tell = (done: number, total: number): void => say(`Packing ${done} of ${total}`);
  saveZip(queue, tell).then(() => say('The archive is ready'), complain);
});

const saveFolder = $<HTMLButtonElement>('#save-folder');
saveFolder.hidden = !Folder.possible;
saveFolder.addEventListener('click', async () => {
  try {
    folder = (await Folder.choose(queue)) ?? folder;
  } catch (problem) {
    complain(problem);
  }
  if (!folder) return;
  $('#folder').textContent = `Finished files go to the folder ${folder.name}.`;
  move(folder, finished(queue.jobs).map(({ job }) => job));
});

window.addEventListener('beforeunload', (event) => {
  if (queue.busy) event.preventDefault();
});

void prepare(() => queue.jobs.length > 0);
