import { existsSync } from 'node:fs';
import schema from '../../../schemas/vllmd-hypervisor-config-schema.json' with { type: 'json' };
import type { ConfigInput } from '../../../src/core/config/config-input.gen.ts';
import { loadConfig } from '../../../src/core/config/load.ts';
import { variablesOf } from '../../../src/core/explain/explain.ts';
import { explainFiles, type FileExplanation } from '../../../src/core/explain/explain-files.ts';
import { textsOf } from '../../../src/core/explain/scope.ts';
import { finished } from '../../../src/core/explain/steps.ts';
import type { Materials } from '../../../src/core/render/materials.ts';
import { compose } from '../../../src/host/compose.ts';
import { withAllGpus } from '../../../src/host/with-all-gpus.ts';
import { FIXTURES, fixtureComposition, fixtureHost, fixtureNames } from '../../support/fixtures.ts';
import { describedHost } from '../../support/world.ts';

export function inputOf(text: string): ConfigInput {
  const { result } = loadConfig(new TextEncoder().encode(text));
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result.value;
}

/** Of a config on a host with two GPUs. */
export async function materialsOf(text: string, host = describedHost()): Promise<Materials> {
  return withAllGpus((await compose(inputOf(text), host)).materials, host);
}

/** undefined where the config of the fixture is not valid. */
export async function fixtureMaterials(name: string): Promise<Materials | undefined> {
  const host = await fixtureHost(name);
  const composition = await fixtureComposition(name, host);
  return composition === undefined ? undefined : withAllGpus(composition.materials, host);
}

/** Of each kind of config and host; a case about a change has the config of the case it starts from. */
export async function allFixtureMaterials(): Promise<
  readonly { readonly name: string; readonly materials: Materials }[]
> {
  const all = [];
  for (const name of fixtureNames()) {
    if (existsSync(`${FIXTURES}${name}/before.toml`)) continue;
    const materials = await fixtureMaterials(name);
    if (materials !== undefined) all.push({ name, materials });
  }
  return all;
}

export function explained(materials: Materials): readonly FileExplanation[] {
  const targets = textsOf({ kind: 'all' }, materials);
  return finished(explainFiles(targets, materials, variablesOf(materials, schema)));
}
