// The page: makes its panels and gives each what it needs.

import { ability, prepare } from '../offline/isolation.js';
import { Outputs } from '../storage/outputs.js';
import { Drop } from './drop.js';
import * as fmt from './fmt.js';
import { List } from './list.js';
import { Notices } from './notices.js';
import { Queue } from './queue.js';
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
const settings = new Settings(element('settings'), (choice) => standby.ask((engine) => engine.check(choice)));
const withoutThreads = (problem: string): void => showThreads(0, problem);
const queue = new Queue({ outputs, standby, settings, threads, withoutThreads });
settings.watch(() => queue.advance());

const files = element('list');
const list = new List(files, { queue, settings, notices, template: element('row'), whenEmpty: element('choose') });
new Save(files, { queue, standby, notices });
const drop = new Drop(element('drop'), {
  notices,
  formats: () => standby.ask((engine) => engine.formats()),
  take: (found) => list.add(found),
});

window.addEventListener('beforeunload', (event) => {
  if (queue.busy) event.preventDefault();
});

queue.prepare();
void prepare(() => drop.busy || queue.jobs.length > 0);
