// The packages of npm that are in the program, by what the bundler read of them.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildProgram } from '../build/program.mjs';
import { buildStarters } from '../build/starters.mjs';
import { COMPILE, MAIN } from './program.mjs';
import { readText, release, root } from './release.mjs';

/** Whoever passes the program on has to pass their texts on, and needs to do nothing else. */
const KNOWN = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
]);

const { packages: locked } = JSON.parse(readText('package-lock.json'));

/** @typedef {{ at: string, name: string, version: string, licence: string, text: string, integrity: string, needs: string[] }} Bundled */

/** The program in dist/ has to be what is built of the sources that are here. */
export async function builtProgram({ hasDriver, files }) {
  const built = await buildProgram({ root, version: release.version, hasDriver });
  const [start, compile] = await buildStarters({ root, index: built.index });
  const texts = new Map([
    [`program-${built.index.id}.js`, built.text],
    [COMPILE, compile],
    [MAIN, start],
  ]);
  for (const [name, content] of files) {
    if (content.toString() !== texts.get(name)) {
      throw new Error(`dist/${name} is not what is built of these sources: npm run build`);
    }
  }
  return built;
}

/** Sorted by place: one version can lie at several. */
export function bundledPackages({ inputs }) {
  const places = [...new Set(inputs.map(packageOf).filter((at) => at !== undefined))];
  return places.sort().map((at) => describe(at, places));
}

/** One that is no part of the program's text. */
export function packageAt(at) {
  return describe(at, []);
}

function packageOf(input) {
  const path = input.replace(/^[a-z-]+:/, '');
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
}

function describe(at, places) {
  const { name, version, license, dependencies = {} } = JSON.parse(readText(`${at}/package.json`));
  if (!KNOWN.has(license))
    throw new Error(`${at} has the licence ${license}: may it be passed on?`);
  const integrity = locked[at]?.integrity;
  if (integrity === undefined) throw new Error(`package-lock.json does not know ${at}`);
  const needs = Object.keys(dependencies)
    .map((needed) => placeOf(needed, at, places))
    .filter((place) => place !== undefined);
  return { at, name, version, licence: license, text: licenceText(at), integrity, needs };
}

/** As Node looks for it: beside what needs it, or beside one that has that within. */
function placeOf(name, from, places) {
  for (let folder = from; folder !== '.'; folder = dirname(folder)) {
    const place = `${folder}/node_modules/${name}`;
    if (places.includes(place)) return place;
  }
  return places.find((place) => place === `node_modules/${name}`);
}

function nameOf(at) {
  return at.slice(at.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

function licenceText(at) {
  const names = readdirSync(join(root, at)).sort();
  const files = [/^(licen[cs]e|copying)([.-]|$)/i, /^notice([.-]|$)/i].map((pattern) =>
    names.find((name) => pattern.test(name)),
  );
  if (files[0] !== undefined)
    return files
      .filter(Boolean)
      .map((file) => readText(`${at}/${file}`).trim())
      .join('\n\n');
  const own = `packaging/licences/${nameOf(at)}.txt`;
  if (existsSync(join(root, own))) return readText(own).trim();
  throw new Error(`${at} comes without the text of its licence`);
}
