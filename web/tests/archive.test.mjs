// The page as it is handed out: what `cargo xtask page` packs is whole, the same every time, and works as it is.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMPANIONS, about } from '../scripts/about.mjs';
import { WEB } from '../scripts/cargo.mjs';
import { serve } from '../scripts/server.mjs';
import { launch, open, settled } from './chromium.mjs';
import { DATA, ROOT, commandLine, expected } from './expected.mjs';
import { folder } from './inputs.mjs';
import { outcomes } from './rows.mjs';

const NAME = 'u16_micrograph.mrc';

function pack(path) {
  execFileSync('python3', [join(ROOT, 'packaging/page.py'), join(WEB, 'dist'), path], { stdio: 'pipe' });
  return readFileSync(path);
}

/** The headers that the list of a host names for all files. */
function listed(text) {
  const [path, ...lines] = text.trimEnd().split('\n');
  assert.equal(path, '/*');
  return Object.fromEntries(lines.map((line) => /^ {2}([\w-]+): (.*)$/.exec(line).slice(1)));
}

test('the same page is packed into the same bytes, in order and without times', (context) => {
  const here = folder(context);
  const [first, second] = ['a.zip', 'deep/b.zip'].map((name) => pack(join(here, name)));
  assert.ok(first.equals(second));
  const script = 'import sys, zipfile; print("\\n".join(f"{e.filename} {e.date_time}" for e in zipfile.ZipFile(sys.argv[1]).infolist()))';
  const lines = execFileSync('python3', ['-c', script, join(here, 'a.zip')], { encoding: 'utf8' }).trim().split('\n');
  assert.deepEqual(lines, [...lines].sort());
  assert.ok(lines.length > 10);
  for (const line of lines) assert.match(line, / \(1980, 1, 1, 0, 0, 0\)$/);
});

test('a folder that is no page is not packed', (context) => {
  const here = folder(context);
  const words = [join(ROOT, 'packaging/page.py'), here, join(here, 'a.zip')];
  assert.throws(() => execFileSync('python3', words, { stdio: 'pipe' }), /has no _headers, index\.html, sw\.js: build the page first/);
  assert.ok(!existsSync(join(here, 'a.zip')));
});

test('what is unpacked and served compresses, with threads, and says what it is', async (context) => {
  const here = folder(context);
  pack(join(here, 'page.zip'));
  const page = join(here, 'page');
  mkdirSync(page);
  execFileSync('python3', ['-m', 'zipfile', '-e', join(here, 'page.zip'), page]);
  const server = await serve({ folder: page, headers: listed(readFileSync(join(page, '_headers'), 'utf8')) });
  const browser = await launch({ context: { serviceWorkers: 'block' } });
  context.after(async () => {
    await browser.close();
    await server.close();
  });
  const tab = await open(browser.context, server.address);
  assert.match(await tab.locator('#threads').textContent(), /^\d+ threads?$/);
  await tab.setInputFiles('input[type=file]', join(DATA, NAME));
  await settled(tab);
  assert.deepEqual(await outcomes(tab), await expected([{ folder: DATA, name: NAME }], []));

  const { version, commit, cite } = about();
  const foot = await tab.locator('footer').innerText();
  for (const words of [`e2compress ${version}, commit ${commit}`, cite.message, cite.words, `doi:${cite.doi}`]) assert.ok(foot.includes(words), words);
  // It is of the commit that the command says it is of.
  const said = execFileSync(commandLine(), ['--version'], { encoding: 'utf8' });
  assert.ok(said.includes(`${version} (commit ${commit}`), said);
  for (const [name, shown] of Object.entries(COMPANIONS)) {
    const [link] = await tab.locator(`footer a[href="./${shown}"]`).all();
    assert.ok(link, `no link to ${shown}`);
    const answer = await fetch(new URL(shown, server.address));
    assert.equal(await answer.text(), readFileSync(join(ROOT, name), 'utf8'));
  }
});
