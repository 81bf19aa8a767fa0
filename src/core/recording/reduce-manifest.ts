import { parseManifest } from '../plan/manifest.ts';

const NO_DIGEST = '0'.repeat(64);

/** The record of the last install without the digests of what may hold secrets; undefined where it is damaged. */
export function reduceManifest(text: string): string | undefined {
  const manifest = parseManifest(text);
  if (typeof manifest === 'string') return undefined;
  const { schema, generation, vllmd, config, links, units, dirs, devices, runtimes } = manifest;
  const reduced = {
    schema,
    lineage: '',
    generation,
    vllmd,
    config: { path: config.path, sha256: NO_DIGEST },
    files: manifest.files.map((file) => ({
      path: file.path,
      mode: file.mode,
      uid: file.uid,
      gid: file.gid,
      sha256: file.secret ? NO_DIGEST : file.sha256,
      kind: file.kind,
      group: file.group,
      secret: file.secret,
    })),
    links: links.map(({ path, target, unit, group }) => ({ path, target, unit, group })),
    units: units.map(({ name, group, startDigest }) => ({ name, group, startDigest })),
    dirs,
    ...(devices === undefined ? {} : { devices }),
    ...(runtimes === undefined ? {} : { runtimes }),
  };
  return `${JSON.stringify(reduced)}\n`;
}
