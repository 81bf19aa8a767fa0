import type { FileProbe } from '../../../../src/core/vm/probe.ts';
import { MIB, type RuleCase } from './rule-case.ts';

const SPECIAL = ['G-13'];
const IGVM = { payload: { igvm: '/boot/guest.igvm' } };

function memory(value: Readonly<Record<string, unknown>>) {
  return { ivshmem: { path: '/dev/shm/vm', size: MIB, ...value } };
}

function file(found: Partial<FileProbe>) {
  const whole = { isThere: true, isReadable: true, isWritable: true, ...found };
  return { files: new Map([['/dev/shm/vm', whole]]) };
}

export const featureBuildCases: readonly RuleCase[] = [
  {
    id: 'C-TEE-1',
    says: 'a TDX guest keeps its vCPUs',
    at: '/cpus/max_vcpus',
    breaks: { vm: { 'platform.tdx': true, 'cpus.max_vcpus': 8 }, also: SPECIAL },
    allows: { vm: { 'platform.tdx': true }, also: SPECIAL },
  },
  {
    id: 'C-TEE-2',
    says: 'a TDX guest has a firmware',
    at: '/payload/firmware',
    breaks: {
      vm: { 'platform.tdx': true, payload: { kernel: '/boot/vmlinux' } },
      also: SPECIAL,
    },
    allows: { vm: { 'platform.tdx': true }, also: SPECIAL },
  },
  {
    id: 'C-TEE-3',
    says: 'host data has 64 characters',
    at: '/payload/host_data',
    breaks: { vm: { 'payload.host_data': '0'.repeat(63) }, also: SPECIAL },
    allows: { vm: { 'payload.host_data': '0'.repeat(64) }, also: SPECIAL },
  },
  {
    id: 'C-TEE-4',
    says: 'a SEV-SNP guest has an IGVM image',
    at: '/payload/igvm',
    breaks: { vm: { 'platform.sev_snp': true }, also: SPECIAL },
    allows: { vm: { 'platform.sev_snp': true, ...IGVM }, also: SPECIAL },
  },
  {
    id: 'C-IVS-1',
    says: 'ivshmem is not behind the IOMMU',
    at: '/ivshmem/iommu',
    breaks: { vm: memory({ iommu: true }), also: [...SPECIAL, 'G-9'] },
    allows: { vm: memory({ iommu: false }), also: SPECIAL },
  },
  {
    id: 'C-IVS-2',
    says: 'its size is a power of 2',
    at: '/ivshmem/size',
    breaks: { vm: memory({ size: MIB + 1 }), also: SPECIAL },
    allows: { vm: memory({ size: 1 }), also: SPECIAL },
  },
  {
    id: 'C-IVS-3',
    says: 'its file exists',
    at: '/ivshmem/path',
    breaks: { vm: memory({}), probe: file({ isThere: false }), also: SPECIAL },
    allows: { vm: memory({}), probe: file({}), also: SPECIAL },
  },
  {
    id: 'C-IVS-4',
    says: 'its file is large enough',
    at: '/ivshmem/size',
    breaks: { vm: memory({}), probe: file({ sizeBytes: MIB - 1 }), also: SPECIAL },
    allows: { vm: memory({}), probe: file({ sizeBytes: MIB }), also: SPECIAL },
  },
];
