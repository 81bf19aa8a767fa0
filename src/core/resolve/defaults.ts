import { IMAGE_DIR } from './layout.ts';

/** What a key that is absent means. A test keeps these equal to the `default`s of the schema. */
export const defaults = {
  stateDir: '$HOME/.local/state/vllmd-hypervisor',
  configDir: '$HOME/.config/vllmd',
  memoryGib: 16,
  cpus: 4,
  bridgeName: 'vllmd-br0',
} as const;

/** What schema version 1 has no key for. */
export const fixed = {
  firmware: `${IMAGE_DIR}/CLOUDHV.fd`,
  baseImage: `${IMAGE_DIR}/base.raw`,
  diskBytes: 64 * 2 ** 30,
  nameServers: ['1.1.1.1', '9.9.9.9'],
} as const;
