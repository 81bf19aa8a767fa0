import type { ConfigInput } from '../core/config/config-input.gen.ts';
import { isGpuLike } from '../core/preflight/vfio/gpu-class.ts';
import { compose } from './compose.ts';
import type { HostReader } from './host.ts';
import { observe } from './inspect.ts';
import { readInterfaces } from './read-facts.ts';
import { readPci } from './read-pci.ts';
import { readPrecheck } from './read-precheck.ts';
import { readSetupFacts } from './read-setup.ts';
import { parentOf } from './ways.ts';
import { withAllGpus } from './with-all-gpus.ts';

/** Reads what a command reads that can be given a recorded host. */
type Reader = (host: HostReader, inputs: readonly ConfigInput[]) => Promise<unknown>;

/** Everything that goes into a recording. A command that takes `--facts` has its reader here. */
export const readers: readonly Reader[] = [
  readForInstall,
  readForExplain,
  readForPrecheck,
  readForInit,
  readForNetwork,
];

/** For `install --dry-run` and `render`. */
async function readForInstall(host: HostReader, inputs: readonly ConfigInput[]): Promise<void> {
  for (const input of inputs) {
    const { artefacts, manifest } = await compose(input, host);
    await observe(host, artefacts, manifest);
    // What is not in these directories is known to be absent, whatever a later config wants there.
    for (const path of new Set(artefacts.map((artefact) => parentOf(artefact.path)))) {
      await host.list(path);
    }
  }
}

/** Whatever the config names, it asks as well what any GPU would mean. */
async function readForExplain(host: HostReader, inputs: readonly ConfigInput[]): Promise<void> {
  for (const input of inputs) await withAllGpus((await compose(input, host)).materials, host);
}

/** With and without a config. */
async function readForPrecheck(host: HostReader, inputs: readonly ConfigInput[]): Promise<void> {
  for (const input of [undefined, ...inputs]) await readPrecheck(host, input);
}

/** For `init`, and for `topology`, which asks less. */
async function readForInit(host: HostReader): Promise<void> {
  await readSetupFacts(host);
}

/** A config that is written later may name any interface, as its bridge or as its way outside. */
async function readForNetwork(host: HostReader): Promise<void> {
  const named = (await host.list('/sys/class/net')) ?? [];
  await readInterfaces(host, named);
}

/** A config that is written later is about these runtimes, most likely. */
const RUNTIMES = 8;
/** Without a GPU nothing that binds one would be asked for. */
const NO_GPU = '0000:01:00.0';

/** Has the host asked about all of its GPUs and about the places where a default config has its files. */
export async function assumedInput(host: HostReader, user: string): Promise<ConfigInput> {
  const { devices } = await readPci(host, []);
  const gpus = [...devices.values()].filter(isGpuLike).map(({ address }) => address);
  const wanted = gpus.length === 0 ? [NO_GPU] : gpus;
  const runtimes = Array.from({ length: RUNTIMES }, (_, position) => ({
    index: position + 1,
    name: `runtime-${position + 1}`,
    ...(position === 0 ? { gpus: wanted } : {}),
  }));
  return { schema_version: 2, global: { user }, host: { kernel_cmdline: 'grub' }, runtimes };
}
