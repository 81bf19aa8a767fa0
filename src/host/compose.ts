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
import { readFacts } from './read-facts.ts';
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

export async function compose(input: ConfigInput, host: HostReader): Promise<Composition> {
  const account = await readAccount(host, input.global.user);
  const machineId = (await readText(host, '/etc/machine-id')).trim();
  const desired = resolve(input, account, machineId);
  const facts = await readFacts(host, desired);
  const manifest = await readManifest(host);
  const recorded = typeof manifest === 'object' ? (manifest.devices ?? []) : [];
  const { text, problems } = await readUserData(host, desired);
  const materials = { input, account, machineId, facts, recorded, userData: text };
  const context = contextOf(desired, materials);
  return {
    desired,
    facts,
    manifest,
    recordedPins: new Map(recorded.map((pin) => [pin.address, pin])),
    materials,
    context,
    artefacts: render(desired, context),
    problems,
  };
}

type UserData = { readonly text: string; readonly problems: readonly Diagnostic[] };

/** Read as everything else of an account that is not root: never through a link that somebody could turn elsewhere. */
async function readUserData(host: HostReader, { guest }: Desired): Promise<UserData> {
  if (guest.userData === '') return { text: '', problems: [] };
  const entry = await host.read(guest.userData);
  const said = (severity: Diagnostic['severity'], message: string, help: string): UserData => {
    const text = `guest.user_data: ${guest.userData} ${message}`;
    return {
      text: '',
      problems: [{ ...errorAt('user-data', '/guest/user_data', text, help), severity }],
    };
  };
  const problem = (message: string, help: string) => said('error', message, help);
  if (entry.type === 'hidden') {
    if (entry.isUnrecorded !== true) return problem('may not be read', 'run it with sudo');
    const message = 'is not told by the recording: the guests are shown without it';
    return said(
      'warning',
      message,
      'the text of this file is in no recording; on the host itself it is checked too',
    );
  }
  if (entry.type !== 'file') {
    const found = entry.type === 'absent' ? 'does not exist' : 'is no regular file';
    return problem(found, 'name a regular file; links are not followed');
  }
  if (userDataKind(entry.text) !== undefined) return { text: entry.text, problems: [] };
  const help = 'start it with #cloud-config, #!, #include or another mark of cloud-init';
  return problem('begins with a line that cloud-init does not know, and would be ignored', help);
}
