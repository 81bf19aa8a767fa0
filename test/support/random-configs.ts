import fc from 'fast-check';
import type { HostDescription } from './world.ts';

const addresses = [1, 2, 3, 4, 5, 6].map((slot) => `0000:0${slot}:00.0`);

/** A host that all of these configs fit on. */
export const roomyHost: HostDescription = {
  pci: addresses.map((address, at) => ({
    id: '10de:2330',
    subsystem: '10de:16c1',
    class: '030200',
    reset: 'flr bus',
    address,
    group: 10 + at,
  })),
};

type Runtime = {
  readonly index: number;
  readonly memory: number;
  readonly autostart: boolean;
  readonly gpuCount: number;
};

/** Small numbers, so that configs meet each other in indices and GPUs. */
const runtimes: fc.Arbitrary<readonly Runtime[]> = fc.uniqueArray(
  fc.record({
    index: fc.integer({ min: 1, max: 4 }),
    memory: fc.integer({ min: 1, max: 3 }),
    autostart: fc.integer({ min: 0, max: 5 }).map((draw) => draw > 0),
    gpuCount: fc.integer({ min: 0, max: 2 }),
  }),
  { selector: ({ index }) => index, minLength: 1, maxLength: 3 },
);

/** The text of a config. */
export const randomConfig: fc.Arbitrary<string> = fc
  .record({
    runtimes,
    gpus: fc.shuffledSubarray(addresses, { minLength: 6 }),
    bridge: fc.constantFrom('vllmd-br0', 'vllmd-br0', 'vllmd-br0', 'br-llm'),
    mode: fc.constantFrom('nat', 'nat', 'nat', 'none'),
    kernel: fc.constantFrom('none', 'none', 'grub'),
  })
  .map(({ runtimes: list, gpus, bridge, mode, kernel }) =>
    [
      'schema_version = 2',
      '[global]\nuser = "sdake"',
      mode === 'nat'
        ? `[network]\ndefault_interface = "eth0"\nbridge_name = "${bridge}"`
        : '[network]\nmode = "none"',
      `[host]\nkernel_cmdline = "${kernel}"`,
      ...list.map((runtime, at) => runtimeTable(runtime, gpus.slice(2 * at))),
      '',
    ].join('\n'),
  );

function runtimeTable({ index, memory, autostart, gpuCount }: Runtime, free: readonly string[]) {
  const gpus = free.slice(0, gpuCount).map((address) => `"${address}"`);
  return [
    '[[runtimes]]',
    `index = ${index}`,
    `name = "runtime-${index}"`,
    `memory_gb = ${memory}`,
    `autostart = ${autostart}`,
    `gpus = [${gpus.join(', ')}]`,
  ].join('\n');
}
