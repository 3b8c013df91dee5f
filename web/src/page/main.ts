// The page: makes its panels and gives each what it needs.

import { ability, prepare } from '../offline/isolation.js';
import { Outputs } from '../storage/outputs.js';
import { about } from './about.js';
import { Background } from './background.js';
import { DoneBefore } from './done-before.js';
import { Drop } from './drop.js';
import * as fmt from './fmt.js';
import { showAbout } from './foot.js';
import { List } from './list.js';
import { Look } from './look/panel.js';
import { Notices } from './notices.js';
import { Overview } from './overview.js';
import { Prints } from './prints.js';
import { Proofs } from './proofs.js';
import { Queue } from './queue.js';
import { Record } from './record.js';
import { Renderings } from './renderings.js';
import { Save } from './save.js';
import { Settings } from './settings.js';
import { Standby } from './standby.js';

const element = <E extends HTMLElement>(id: string): E => document.querySelector<E>(`#${id}`)!;

const notices = new Notices(element('problem'), element('said'));

function showThreads(count: number, reason: string | null): void {
  element('threads').textContent = fmt.threads(count, reason);
}

const { threads, reason } = ability();
showThreads(threads, reason);

const outputs = Outputs.open();
outputs.catch((problem) => notices.complain(problem));

const standby = new Standby();
const settingsForm = element<HTMLFormElement>('settings');
const settings = new Settings(settingsForm, (choice) => standby.ask((engine) => engine.check(choice)));
const withoutThreads = (problem: string): void => showThreads(0, problem);
// Files are read whole for their SHA-256: never before a header.
const reading = new Standby();
const prints = new Prints(reading);
const before = new DoneBefore(standby, settings, prints);
const queue = new Queue({ outputs, standby, settings, threads, before, withoutThreads });
settings.watch(() => {
  queue.look();
  queue.advance();
});
// What went wrong is old news as soon as the next thing is to be done.
for (const actions of document.querySelectorAll('.actions')) {
  actions.addEventListener('click', ({ target }) => target instanceof HTMLElement && target.closest('button, a') && notices.clear(), true);
}
new Renderings(queue, standby, settings);
const proofs = new Proofs(element('verify-all'), { queue, notices, prints });

const files = element('list');
// Small pictures and predictions never keep a header waiting: they have a worker of their own.
const background = new Background(new Standby({ reads: true, threads }), queue);
new Overview(element('main'), queue, (grew, of) => standby.ask((engine) => engine.grown(grew, of)));
const list = new List(files, {
  queue,
  settings,
  proofs,
  notices,
  background,
  template: element('row'),
  details: element('details'),
  whenEmpty: element('choose'),
});
new Save(files, { queue, standby, notices });
const { commit } = about;
const record = new Record(element('save-record'), element('record'), prints, before, { queue, standby: reading, settings, notices, commit });
showAbout(element('about'), about);
const drop = new Drop(element('drop'), {
  notices,
  formats: () => standby.ask((engine) => engine.formats()),
  record: (file) => record.read(file),
  take: (found) => list.add(found),
});

const bits = settingsForm.querySelector<HTMLSelectElement>('[name=bits]')!;
const look = new Look(element('look'), {
  quick: new Standby(),
  measuring: new Standby({ reads: true, threads }),
  idle: (awaited) => queue.idle(awaited),
  settings,
  choose: (value) => {
    bits.value = value;
    // As if the user had chosen there.
    bits.dispatchEvent(new Event('input', { bubbles: true }));
  },
});

list.watchSelection((job) => look.show(job));

window.addEventListener('beforeunload', (event) => {
  if (queue.busy) event.preventDefault();
});

queue.prepare();
void prepare(() => drop.busy || queue.jobs.length > 0);
