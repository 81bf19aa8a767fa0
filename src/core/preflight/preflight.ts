import type { Diagnostic } from '../diagnostic.ts';
import { accountChecks } from './account.ts';
import type { PreflightInput } from './check.ts';
import { diskChecks } from './disks.ts';
import { filesystemChecks } from './filesystems.ts';
import { hiveKeyChecks } from './hive-key.ts';
import { kernelCommandLineChecks } from './kernel-command-line.ts';
import { memoryChecks } from './memory.ts';
import { networkChecks } from './network.ts';
import { softwareChecks } from './software.ts';
import { vfioPreflight } from './vfio/vfio-preflight.ts';
import { definitionChecks } from './vm-definitions.ts';

/** What would stop these runtimes from running on this host, all of it, each at the line of the config that asks for it. */
export function preflight(input: PreflightInput): readonly Diagnostic[] {
  const { desired, facts, pins } = input;
  return [
    ...accountChecks(input),
    ...softwareChecks(input),
    ...kernelCommandLineChecks(input),
    ...filesystemChecks(input),
    ...diskChecks(input),
    ...memoryChecks(input),
    ...networkChecks(input),
    ...hiveKeyChecks(input),
    ...vfioPreflight(desired, facts, pins),
    ...definitionChecks(input),
  ];
}
