// The foot of the page: which program it is, whose it is, and how to cite it.

import type { About } from './about.js';

function link(words: string, address: string): HTMLAnchorElement {
  const made = document.createElement('a');
  made.textContent = words;
  made.href = address;
  // A page that is left has lost what was not saved.
  made.target = '_blank';
  made.rel = 'noopener noreferrer';
  return made;
}

function paragraph(...parts: (string | Node)[]): HTMLParagraphElement {
  const made = document.createElement('p');
  made.append(...parts);
  return made;
}

/** Says it in an element that is empty. */
export function showAbout(foot: HTMLElement, { version, commit, license, repository, cite }: About): void {
  const [first = license, ...others] = license.split(' OR ');
  const licences = [first, ...others].flatMap((name, place) => {
    const file = `./LICENSE-${name.split('-')[0]!.toUpperCase()}.txt`;
    return place === 0 ? [link(name, file)] : [' or ', link(name, file)];
  });
  // As long as nobody says where the sources are, the commit says which they are.
  const which = commit === 'unknown' ? '' : `commit ${commit} of `;
  const source = repository === null ? [`. Source: ${which}the project's repository`] : ['. Source: ', link(repository, repository)];
  foot.append(
    paragraph(`e2compress ${version}, commit ${commit}`, ...source, '. Licence: ', ...licences, ', at your choice.'),
    paragraph(
      `${cite.message} `,
      link(`${cite.words}, doi:${cite.doi}`, `https://doi.org/${cite.doi}`),
      '. For reference managers: ',
      link('CITATION.cff', './CITATION.cff.txt'),
      '.',
    ),
  );
}
