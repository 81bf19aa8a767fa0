import { exitCodes, VllmdError } from '../../core/failure.ts';
import { historyHuman, historyOf } from '../../core/report/history.ts';
import type { Generation } from '../../core/transaction/generation.ts';
import { readManifest } from '../../host/inspect.ts';
import { listGenerations, readWholeGeneration } from '../../host/transaction/store.ts';
import type { World } from '../../host/world.ts';
import { styleFor } from '../style-for.ts';
import { withSudo } from '../with-sudo.ts';

/** The installs that can be gone back to. */
export async function history(options: { readonly json: boolean }, world: World): Promise<number> {
  const host = world.host('');
  const manifest = await readManifest(host);
  if (manifest === 'unknown') {
    const hint = `run \`${withSudo(world)}\``;
    throw new VllmdError('needsRoot', 'the record of the last install needs root to read', hint);
  }
  const generations: Generation[] = [];
  for (const number of await listGenerations(host)) {
    const generation = await readWholeGeneration(host, number);
    if (generation !== undefined) generations.push(generation);
    else
      world.stderr.write(`warning: generation ${number} is damaged, and cannot be gone back to\n`);
  }
  const current = manifest === 'none' ? 0 : manifest.generation;
  const result = historyOf(generations, current);
  world.stdout.write(
    options.json
      ? `${JSON.stringify(result, undefined, 2)}\n`
      : historyHuman(result, world.layer, styleFor(world.stdout)),
  );
  return exitCodes.ok;
}
