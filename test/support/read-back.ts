import { expect } from 'vitest';
import type { ConfigInput } from '../../src/core/config/config-input.gen.ts';
import type { Desired } from '../../src/core/resolve/desired.ts';
import { readEnvironmentFile } from './env-file-grammar.ts';
import { expectDefinition, expectSeed } from './read-back-guest.ts';
import { hostRead, hostSaid } from './read-back-host.ts';
import { expectDropIns } from './read-back-units.ts';
import {
  type At,
  cpusOf,
  defaultOf,
  environmentAt,
  isConnected,
  memoryGib,
  pathsOf,
  schemaDefault,
  type Tree,
} from './said.ts';
import { readUnitFile } from './unit-file-grammar.ts';

/** What is read out of a tree, each file with the grammar of who reads it, is what the config says. */
export function expectReadBack(
  input: ConfigInput,
  desired: Desired,
  tree: Tree,
  own: string,
): void {
  const paths = pathsOf(input);
  for (const [path, text] of tree) {
    if (!readable.has(text)) expectGrammar(path, text);
  }
  expect(hostRead(tree)).toEqual(hostSaid(input, desired, paths));
  for (const runtime of input.runtimes ?? []) {
    const resolved = desired.runtimes.find(({ index }) => index === runtime.index);
    if (resolved === undefined) throw new Error(`runtime ${runtime.index} is lost`);
    const at = { input, runtime, resolved, desired, paths, tree };
    expectEnvironment(at);
    expectDropIns(at);
    expectDefinition(at);
    expectSeed(at, own);
  }
}

/** Most files are the same in every tree. */
const readable = new Set<string>();

/** Each file can be read by its own reader at all; these throw for whatever that one would drop. */
function expectGrammar(path: string, text: string): void {
  if (path.endsWith('.env')) readEnvironmentFile(text);
  else if (path.endsWith('.json')) JSON.parse(text);
  else if (path.startsWith('/etc/systemd/system/')) readUnitFile(text);
  if (!/runtime-?@?\d/.test(path)) readable.add(text);
}

function expectEnvironment({ input, runtime, resolved, paths, tree }: At): void {
  const { index } = runtime;
  const wanted = {
    VLLMD_RUNTIME_NAME: runtime.name,
    VLLMD_RUNTIME_GPUS: (runtime.gpus ?? []).join(','),
    VLLMD_RUNTIME_MEMORY: `${memoryGib(input, runtime)}G`,
    VLLMD_RUNTIME_CPUS: String(cpusOf(input, runtime)),
    VLLMD_RUNTIME_USER: input.global.user,
    VLLMD_RUNTIME_GROUP: input.global.user,
    VLLMD_RUNTIME_API_SOCKET: `/run/vllmd/${index}/api.sock`,
    VLLMD_RUNTIME_VM_DEFINITION: `${paths.config}/runtime-${index}.vm.json`,
    VLLMD_RUNTIME_DIR: `${paths.state}/runtime-${index}`,
    VLLMD_RUNTIME_BASE_IMAGE: paths.of(
      runtime.base_image ?? input.storage?.base_image ?? defaultOf('storage', 'base_image'),
    ),
    VLLMD_RUNTIME_DISK_BYTES: String(
      (runtime.disk_gb ?? input.storage?.disk_gb ?? Number(schemaDefault('storage', 'disk_gb'))) *
        2 ** 30,
    ),
    VLLMD_RUNTIME_BRIDGE: input.network?.bridge_name ?? defaultOf('network', 'bridge_name'),
    VLLMD_RUNTIME_TAP: isConnected(input) ? `vllmd-tap${index}` : '',
    VLLMD_RUNTIME_TAP_FLAGS: cpusOf(input, runtime) > 1 ? 'multi_queue' : '',
    VLLMD_RUNTIME_MAC: runtime.mac ?? resolved.mac,
    VLLMD_RUNTIME_ADDRESS: resolved.address,
  };
  expect(environmentAt(tree, `/etc/vllmd/runtime-${index}.env`)).toEqual(wanted);
  expect(environmentAt(tree, `${paths.config}/runtime-${index}.env`)).toEqual(wanted);
}
