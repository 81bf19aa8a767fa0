import { exitCodes, VllmdError } from '../../core/failure.ts';
import type { Manifest } from '../../core/plan/manifest.ts';
import { llamaStatusHuman, llamaStatusOf } from '../../core/report/llama-status.ts';
import { llamaLayer } from '../../core/resolve/layer.ts';
import { observe, readManifest } from '../../host/inspect.ts';
import { readUnfinished } from '../../host/unfinished.ts';
import { inLayer, type World } from '../../host/world.ts';
import { during, READING } from '../during.ts';
import { warnIfBusy } from '../session.ts';
import { styleFor } from '../style-for.ts';
import { withSudo } from '../with-sudo.ts';
import { writeJson } from '../write-json.ts';

/** Shows what is installed of llama.cpp and how it runs. */
export async function llamaStatus(
  { json }: { readonly json: boolean },
  outside: World,
): Promise<number> {
  const world = inLayer(outside, llamaLayer);
  const isBusy = await warnIfBusy(world);
  const host = world.host('');
  const manifest = await readManifest(host);
  if (manifest === 'unknown') {
    const hint = `run \`${withSudo(world)}\`, or \`systemctl status "vllmd-llama@*"\``;
    throw new VllmdError('needsRoot', 'the record of the last install needs root to read', hint);
  }
  const unfinished = await readUnfinished(host, isBusy);
  if (manifest === 'none' && !json && !unfinished.interrupted) {
    world.stdout.write('vllmd has installed no llama.cpp instances here\n');
    return exitCodes.ok;
  }
  const known = manifest === 'none' ? nothing : manifest;
  const status = await during(world, READING, async () =>
    llamaStatusOf(known, await observe(host, [], manifest), unfinished),
  );
  if (json) writeJson(status, world);
  else world.stdout.write(llamaStatusHuman(status, styleFor(world.stdout)));
  return exitCodes.ok;
}

const nothing: Manifest = {
  ...{ schema: 1, lineage: '', generation: 0, vllmd: '', config: { path: '', sha256: '' } },
  ...{ files: [], links: [], units: [], dirs: [] },
};
