// What a package is made of, for those who look for weaknesses (CycloneDX) and for licences (a text).
import { createHash } from 'node:crypto';
import { release } from './release.mjs';

/** Of npm, or of none where there is a licence in words. */
export function sbom(name, packages, others = []) {
  const own = {
    type: 'application',
    'bom-ref': `${name}@${release.version}`,
    name,
    version: release.version,
  };
  const components = [...byRef(packages).values(), ...others].sort(order);
  const body = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      // Of the release and no build, which would make two of them differ.
      timestamp: release.date.toISOString(),
      component: { ...own, licenses: [{ license: { id: 'Apache-2.0' } }] },
    },
    components,
    dependencies: dependencies(own['bom-ref'], packages, others),
  };
  return `${JSON.stringify({ $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json', ...withSerial(body) }, null, 2)}\n`;
}

function byRef(packages) {
  return new Map(packages.map((found) => [refOf(found), component(found)]));
}

function order(a, b) {
  return a['bom-ref'] < b['bom-ref'] ? -1 : 1;
}

function refOf({ name, version }) {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

function component(found) {
  const { name, version, licence, integrity } = found;
  const [group, last = group] = name.split('/');
  return {
    type: 'library',
    'bom-ref': refOf(found),
    ...(name.startsWith('@') && { group }),
    name: last,
    version,
    licenses: [{ license: { id: licence } }],
    purl: refOf(found),
    hashes: [{ alg: 'SHA-512', content: hexOf(integrity) }],
  };
}

/** Of the archive that npm has checked. */
function hexOf(integrity) {
  const [, digest] = /^sha512-(\S+)$/.exec(integrity) ?? [];
  if (digest === undefined) throw new Error(`not a SHA-512: ${integrity}`);
  return Buffer.from(digest, 'base64').toString('hex');
}

function dependencies(own, packages, others) {
  const refs = new Map(packages.map((found) => [found.at, refOf(found)]));
  const needs = new Map();
  for (const found of packages) {
    const known = needs.get(refOf(found)) ?? [];
    needs.set(refOf(found), [...known, ...found.needs.map((at) => refs.get(at))]);
  }
  for (const other of others) needs.set(other['bom-ref'], []);
  const needed = new Set([...needs.values()].flat());
  const first = [...needs.keys()].filter((ref) => !needed.has(ref));
  return [[own, first], ...needs]
    .map(([ref, refsOf]) => ({ ref, dependsOn: [...new Set(refsOf)].sort() }))
    .sort((a, b) => (a.ref < b.ref ? -1 : 1));
}

/** A name for exactly this content. */
function withSerial(body) {
  const hex = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  const uuid = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return {
    bomFormat: body.bomFormat,
    specVersion: body.specVersion,
    serialNumber: `urn:uuid:${uuid.join('-')}`,
    ...body,
  };
}

/** The licences of all that is passed on, each text once for those that have it. */
export function licenceList(packages) {
  const byText = new Map();
  for (const { name, version, licence, text } of packages) {
    const known = byText.get(text) ?? { licence, names: new Set() };
    known.names.add(`${name} ${version}`);
    byText.set(text, known);
  }
  const parts = [...byText].map(
    ([text, { licence, names }]) => `${[...names].join(', ')} (${licence})\n\n${text}\n`,
  );
  const line = `${'-'.repeat(80)}\n`;
  return `vllmd has these packages in it. vllmd itself: Apache-2.0.\n\n${line}${parts.join(`\n${line}`)}`;
}
