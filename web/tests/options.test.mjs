// The page's options are the command line's, in its words.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { serve } from '../scripts/server.mjs';
import { launch, open } from './chromium.mjs';
import { commandLine } from './expected.mjs';

/** Options of the command that a page has no use for: it has no folders, terminals or scripts, and replaces nothing. */
const OF_A_COMMAND = [
  ...['--outpath', '--overwrite', '--threads', '--verbose', '--fail-fast', '--keep-going', '--force', '--help', '--version'],
  // For single files of a kind, which a page of many has no row of switches for.
  ...['--no-unpack', '--images', '--allow-external'],
  // Buttons of the page, and records that are dropped on it: no settings.
  ...['--verify', '--report', '--resume'],
  ...['--no-verify', '--strict'],
  ...['--files-from', '--null', '--shard', '--recursive', '--copy-others', '--settle', '--quick', '--dry-run', '--quiet'],
];

/** All texts of a command's help: '' for what it is, FILE for its arguments, --name for each option. */
function help(command) {
  const printed = execFileSync(commandLine(), [...command, '--help'], { encoding: 'utf8' });
  const texts = new Map([['', printed.split('\nUsage: ')[0]]]);
  let name = null;
  for (const line of printed.split('\nArguments:\n')[1].split('\n')) {
    const start = /^ +(?:-\w, )?(--[\w-]+|[<[]FILE[>\]])/.exec(line);
    if (start) {
      name = start[1].replace(/[<>[\]]/g, '');
      texts.set(name, '');
    } else if (/^\S/.test(line)) name = null;
    else if (name) texts.set(name, `${texts.get(name)} ${line}`);
  }
  return texts;
}

const HELP = new Map();
for (const command of ['', 'expand']) {
  for (const [name, text] of help(command === '' ? [] : [command])) {
    HELP.set(`${command} ${name}`.trim(), text.replace(/\s+/g, ' ').trim());
  }
}

/** Whether a text has a phrase, wherever that stands in a sentence. */
function has(text, phrase) {
  const plain = (words) => words.replace(/\s+/g, ' ').trim().replace(/\.$/, '').toLowerCase();
  return plain(text).includes(plain(phrase));
}

let server, browser, page;
before(async () => {
  server = await serve();
  browser = await launch();
  page = await open(browser.context, server.address, { visitor: true });
});
after(async () => {
  await browser?.close();
  await server?.close();
});

/** Value, text and whether it is chosen of each choice of a field. */
const choices = (name) =>
  page.locator(`[name=${name}] option`).evaluateAll((found) => found.map(({ value, text, selected }) => ({ value, text, selected })));

test('texts are those of the help', async () => {
  const texts = await page.locator('[data-help]:not(select)').evaluateAll((found) => found.map(({ dataset, textContent }) => [dataset.help, textContent]));
  assert.ok(texts.length > 0);
  for (const [option, text] of texts) {
    assert.ok(HELP.has(option), `there is no ${option} any more`);
    assert.ok(has(HELP.get(option), text), `${option}: "${text}" is not in "${HELP.get(option)}"`);
  }
});

test('each option is on the page, or of no use there', async () => {
  const shown = await page.locator('[data-help]').evaluateAll((found) => found.map(({ dataset }) => dataset.help));
  for (const option of HELP.keys()) {
    const name = option.split(' ').at(-1);
    if (!name.startsWith('--') || OF_A_COMMAND.includes(name)) continue;
    // What both ways have, in the same words, is there once.
    const once = HELP.get(name) === HELP.get(option) && shown.includes(name);
    assert.ok(once || shown.includes(option), `${option} is not on the page`);
  }
  for (const name of OF_A_COMMAND) assert.ok([...HELP.keys()].some((option) => option.endsWith(name)), `there is no ${name} any more`);
});

for (const name of ['bits', 'level', 'mode', 'upsampling']) {
  test(`the choices of ${name} are those of the help, in its words`, async () => {
    const text = HELP.get(await page.locator(`[name=${name}]`).getAttribute('data-help'));
    for (const { text: shown, selected } of await choices(name)) {
      const standard = /^(\S+) \((?:the command's )?default\)$|^default \((\S+)\)$/.exec(shown);
      // The page starts with bits that the program chooses, and says so.
      const first = name === 'bits' ? shown.startsWith('auto') : standard !== null;
      assert.equal(first, selected, `${shown}: the default and nothing else is chosen at first`);
      const words = standard ? `[default: ${standard[1] ?? standard[2]}]` : (/(?:: | \()([^)]*)\)?$/.exec(shown)?.[1] ?? '');
      assert.ok(has(text, words), `"${shown}" is not in "${text}"`);
    }
  });
}

test('bits and levels are all that the help names', async () => {
  const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
  const span = (option) => /(\d+) (?:\(\w+\) )?to (\d+)/.exec(HELP.get(option)).slice(1).map(Number);
  assert.match(HELP.get('--bits'), /, or auto: /);
  assert.deepEqual((await choices('bits')).map(({ value }) => value), ['auto', ...numbers(...span('--bits')), '0', '-1']);
  assert.deepEqual((await choices('level')).map(({ value }) => value), ['', ...numbers(...span('--compresslevel'))]);
});

test('modes are all that the help names', async () => {
  const named = HELP.get('expand --mode').matchAll(/(\d+) \(([^)]*)\)/g);
  const promised = Array.from(named, ([, number, words]) => [number, `mode ${number}: ${words}`]);
  assert.deepEqual((await choices('mode')).slice(1).map(({ value, text }) => [value, text]), promised);
});
