import type { Journal } from '../../core/transaction/journal.ts';
import type { Host } from '../host.ts';
import { makeParents, privateFile, removeTree } from './store.ts';

/** What a runtime that did not start was started from, and what it said. */
export async function saveFailed(
  journal: Journal,
  {
    group,
    said,
    isFirst,
  }: { readonly group: number; readonly said: string; readonly isFirst: boolean },
  host: Host,
): Promise<string> {
  const directory = `${host.layer.record.failed}/${journal.after.generation}`;
  // An earlier attempt at this generation has left its own here.
  if (isFirst) await removeTree(host, directory);
  for (const { path, after } of journal.changes.filter((change) => change.group === group)) {
    if (after.type !== 'file') continue;
    await makeParents(host, `${directory}${path}`);
    await host.write(`${directory}${path}`, after.text, privateFile);
  }
  await makeParents(host, `${directory}/journal-${group}.txt`);
  await host.write(`${directory}/journal-${group}.txt`, said, privateFile);
  return directory;
}
