import { VllmdError } from '../../core/failure.ts';
import { isNewerManifest } from '../../core/plan/manifest.ts';
import type { Host } from '../host.ts';
import { saveManifest } from './commit.ts';
import { isManifestWhole, makeParents, newestRecord, readJournal } from './store.ts';

/** Puts a record that is damaged aside and takes that of the newest generation; undefined when it is whole. */
export async function repairManifest(host: Host): Promise<number | undefined> {
  if (await isManifestWhole(host)) return undefined;
  const { manifest, failed } = host.layer.record;
  const record = await host.read(manifest);
  if (record.type === 'file' && isNewerManifest(record.text)) {
    throw new VllmdError(
      'unexpected',
      `nothing was changed: a newer vllmd wrote ${manifest}, and this one does not know what it says`,
      'install that vllmd again',
    );
  }
  // A journal has the record of before and that of afterwards.
  const journal = await readJournal(host);
  if (typeof journal === 'object' && !('damage' in journal)) return undefined;
  const newest = await newestRecord(host);
  if (newest === undefined) {
    throw new VllmdError(
      'unexpected',
      `${manifest} is damaged, and no generation is kept that it could be made from`,
      'it says which files belong to vllmd; put it back from a backup',
    );
  }
  const aside = `${failed}/damaged-manifest.json`;
  await makeParents(host, aside);
  if (record.type === 'file') await host.copy(manifest, aside);
  await saveManifest(newest.manifest, host);
  return newest.manifest.generation;
}
