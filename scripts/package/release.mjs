import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const readText = (path) => readFileSync(`${root}${path}`, 'utf8');

const { version, description } = JSON.parse(readText('package.json'));

/** As manual pages have it: the day of the last thing decided. That of a build would make two builds differ. */
const [, date] = /^## (\d{4}-\d\d-\d\d): /m.exec(readText('docs/decisions.md'));

export const release = {
  version,
  /** A `-` would begin a revision, and `~` sorts before nothing at all, as a pre-release has to. */
  debianVersion: version.replace('-', '~'),
  description,
  date: new Date(`${date}T00:00:00Z`),
};

export const MAINTAINER = 'vllmd maintainers <maintainers@vllmd.invalid>';
