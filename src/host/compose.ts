import type { ConfigInput } from '../core/config/config-input.gen.ts';
import { type Diagnostic, errorAt } from '../core/diagnostic.ts';
import type { DevicePin } from '../core/facts/device-pin.ts';
import type { Facts } from '../core/facts/facts.ts';
import type { RenderContext } from '../core/kinds/kind.ts';
import { userDataKind } from '../core/kinds/runtime-vm/user-data.ts';
import type { KnownManifest } from '../core/plan/changes.ts';
import type { Artefact } from '../core/render/artefact.ts';
import { contextOf, type Materials } from '../core/render/materials.ts';
import { render } from '../core/render/render.ts';
import type { Desired } from '../core/resolve/desired.ts';
import { resolve } from '../core/resolve/resolve.ts';
import type { HostReader } from './host.ts';
import { readAccount, readManifest } from './inspect.ts';
import { type LlamaFiles, noLlamaFiles } from './llama-files.ts';
import { readFacts } from './read-facts.ts';
import { readNamedFile } from './read-named-file.ts';
import { readText } from './read-text.ts';

/** A config and a host put together: what shall lie there. */
export type Composition = {
  readonly desired: Desired;
  readonly facts: Facts;
  readonly manifest: KnownManifest;
  /** As the last install left them, by address. */
  readonly recordedPins: ReadonlyMap<string, DevicePin>;
  /** All that the artefacts are made of. */
  readonly materials: Materials;
  readonly context: RenderContext;
  readonly artefacts: readonly Artefact[];
  /** What is wrong with files that the config names. */
  readonly problems: readonly Diagnostic[];
};

export async function compose(
  input: ConfigInput,
  host: HostReader,
  llama: LlamaFiles = noLlamaFiles,
): Promise<Composition> {
  const account = await readAccount(host, input.global.user);
  const machineId = (await readText(host, '/etc/machine-id')).trim();
  const desired = resolve(input, account, machineId);
  const facts = await readFacts(host, desired);
  const manifest = await readManifest(host);
  const recorded = typeof manifest === 'object' ? (manifest.devices ?? []) : [];
  const { text, problems } = await readUserData(host, desired);
  const { instances } = llama;
  const materials = {
    input,
    account,
    machineId,
    facts,
    recorded,
    userData: text,
    llama: instances,
  };
  const context = contextOf(desired, materials);
  return {
    desired,
    facts,
    manifest,
    recordedPins: new Map(recorded.map((pin) => [pin.address, pin])),
    materials,
    context,
    artefacts: render(desired, context),
    problems: [...problems, ...llama.problems],
  };
}

type UserData = { readonly text: string; readonly problems: readonly Diagnostic[] };

async function readUserData(host: HostReader, { guest }: Desired): Promise<UserData> {
  if (guest.userData === '') return { text: '', problems: [] };
  const found = await readNamedFile(host, guest.userData);
  const problem = ({ message, ...rest }: Pick<Diagnostic, 'severity' | 'message' | 'help'>) => {
    const text = `guest.user_data: ${guest.userData} ${message}`;
    return { text: '', problems: [{ ...errorAt('user-data', '/guest/user_data', text), ...rest }] };
  };
  if (found.why !== undefined) return problem(found.why);
  if (userDataKind(found.text) !== undefined) return { text: found.text, problems: [] };
  return problem({
    severity: 'error',
    message: 'begins with a line that cloud-init does not know, and would be ignored',
    help: 'start it with #cloud-config, #!, #include or another mark of cloud-init',
  });
}
