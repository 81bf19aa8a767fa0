import { counted } from '../counted.ts';
import type { Check } from './check.ts';
import { listed, type PrecheckView, wantedDevices } from './view.ts';

/** Message signalled interrupts (MSI, MSI-X). Without them a device shares a line, which VFIO masks at every interrupt. */
export function gpuInterruptChecks(view: PrecheckView): readonly Check[] {
  // One that answers nothing is said by preflight.
  const devices = wantedDevices(view)
    .filter(({ isSilent }) => !isSilent)
    .map(({ address }) => ({ address, vectors: view.machine.ports.get(address)?.vectors }));
  if (devices.length === 0) return [];
  const base = { id: 'gpu-interrupts', subsystem: 'gpus' } as const;
  const without = devices.filter(({ vectors }) => vectors === 0);
  if (without.length > 0) {
    const message = `${listed(without.map(({ address }) => address))} has neither MSI nor MSI-X`;
    const remedy = ['it works, and slowly: look for a firmware of the card that has them'];
    return [{ ...base, verdict: 'warn', message, remedy }];
  }
  const dark = devices.filter(({ vectors }) => vectors === undefined);
  if (dark.length > 0)
    return [
      unseen(
        dark.map(({ address }) => address),
        view,
      ),
    ];
  const counts = [...new Set(devices.map(({ vectors = 0 }) => vectors))].sort((a, b) => a - b);
  const message = `each has MSI or MSI-X: ${counts.map((count) => counted(count, 'vector')).join(', ')}`;
  return [{ ...base, verdict: 'pass', message }];
}

function unseen(addresses: readonly string[], { isRoot }: PrecheckView): Check {
  const base = { id: 'gpu-interrupts', subsystem: 'gpus', verdict: 'info' } as const;
  if (!isRoot) {
    const message = `whether ${listed(addresses)} have MSI or MSI-X stands in their configuration space`;
    return { ...base, message, needsRoot: true };
  }
  const message = `${listed(addresses)}: no more than the header of the configuration space can be read, so whether they have MSI or MSI-X is not known`;
  return { ...base, message };
}
