import { IMAGE_DIR } from './layout.ts';

/** What a key that is absent means. A test keeps these equal to the `default`s of the schema. */
export const defaults = {
  stateDir: '$HOME/.local/state/vllmd-hypervisor',
  configDir: '$HOME/.config/vllmd',
  memoryGib: 16,
  cpus: 4,
  firmware: `${IMAGE_DIR}/CLOUDHV.fd`,
  commandLine: 'console=ttyS0 root=/dev/vda1 rw',
  baseImage: `${IMAGE_DIR}/base.raw`,
  diskGib: 64,
  hostnamePrefix: 'vllmd-',
  hugepages: 'none',
  numa: 'auto',
  onRelease: 'keep-vfio',
  identityLock: true,
  networkMode: 'nat',
  bridgeName: 'vllmd-br0',
  nameServers: ['1.1.1.1', '9.9.9.9'],
  kernelCommandLine: 'none',
  autostart: true,
  restart: 'auto',
} as const;
