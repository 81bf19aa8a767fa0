import { cpuCases } from './cpus.ts';
import { diskCases } from './disks.ts';
import { featureBuildCases } from './feature-builds.ts';
import { memoryCases } from './memory.ts';
import { netCases } from './nets.ts';
import { numaAndIdCases } from './numa-and-ids.ts';
import { payloadAndConsoleCases } from './payload-and-consoles.ts';
import { pciCases } from './pci.ts';
import { policyCases } from './policy.ts';
import { restoreCases } from './restore.ts';
import type { RuleCase } from './rule-case.ts';
import { sharedDeviceCases } from './shared-devices.ts';
import { systemCases } from './system.ts';
import { vfioCases } from './vfio.ts';

/** A broken and a kept side of every rule about one VM. */
export const vmCases: readonly RuleCase[] = [
  ...payloadAndConsoleCases,
  ...featureBuildCases,
  ...cpuCases,
  ...memoryCases,
  ...numaAndIdCases,
  ...diskCases,
  ...netCases,
  ...sharedDeviceCases,
  ...pciCases,
  ...vfioCases,
  ...restoreCases,
  ...systemCases,
  ...policyCases,
];
