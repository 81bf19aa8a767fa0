import type { ConfigInput } from '../core/config/config-input.gen.ts';
import type { MachineFacts } from '../core/facts/machine.ts';
import type { PrecheckView } from '../core/precheck/view.ts';
import { preflight } from '../core/preflight/preflight.ts';
import type { Desired } from '../core/resolve/desired.ts';
import { isGpu } from '../core/topology/roles.ts';
import { compose } from './compose.ts';
import type { HostReader } from './host.ts';
import type { LlamaFiles } from './llama-files.ts';
import { readMachine, readPorts } from './read-machine.ts';

/** Everything that a precheck looks at. Without a config, as if every GPU of the host had a VM of its own. */
export async function readPrecheck(
  host: HostReader,
  input: ConfigInput | undefined,
  llama?: LlamaFiles,
): Promise<Omit<PrecheckView, 'config' | 'isRoot'>> {
  const machine = await readMachine(host);
  const composition = await compose(input ?? inputForAll(machine), host, llama);
  const { desired, facts, context, recordedPins, problems } = composition;
  const { placements } = context;
  const found = preflight({ desired, facts, placements, pins: recordedPins });
  const findings = [...problems, ...found];
  return { machine: await withPortsOf(host, machine, desired), desired, facts, findings };
}

/** A config may name what is no GPU: another function of a card, or a network card. */
async function withPortsOf(
  host: HostReader,
  machine: MachineFacts,
  { runtimes }: Desired,
): Promise<MachineFacts> {
  const others = runtimes
    .flatMap(({ gpus }) => gpus.flatMap((address) => machine.pci.devices.get(address) ?? []))
    .filter(({ address }) => !machine.ports.has(address));
  return { ...machine, ports: new Map([...machine.ports, ...(await readPorts(host, others))]) };
}

/** That of the README. Nothing is said of it: no config has named it. */
const ACCOUNT = 'vllm';

function inputForAll(machine: MachineFacts): ConfigInput {
  const runtimes = vmsOf(machine).map((gpus, position) => ({
    index: position + 1,
    name: `gpu-${position + 1}`,
    memory_gb: 1,
    cpus: 1,
    gpus,
  }));
  return { schema_version: 2, global: { user: ACCOUNT }, runtimes };
}

/** GPUs of one IOMMU group go to one VM, virtual functions as well. There is always one VM, so that images and network are looked at. */
function vmsOf({ pci, bootDisplays }: MachineFacts): readonly (readonly string[])[] {
  const vms = new Map<string, string[]>();
  for (const device of pci.devices.values()) {
    const { address, iommuGroup } = device;
    if (!isGpu(device) || bootDisplays.has(address)) continue;
    const group = iommuGroup ?? address;
    vms.set(group, [...(vms.get(group) ?? []), address]);
  }
  return vms.size === 0 ? [[]] : [...vms.values()];
}
