import { parseUnitUsage, type UnitUsage, usageProperties } from '../core/facts/unit-usage.ts';
import { installedRuntimes } from '../core/plan/installed.ts';
import type { Manifest } from '../core/plan/manifest.ts';
import type { Observed } from '../core/plan/observed.ts';
import { runningValues } from '../core/report/runtime-values.ts';
import type { Moment } from '../core/report/status.ts';
import { runtimeUnit } from '../core/resolve/layout.ts';
import type { HostReader } from './host.ts';
import { linkName } from './read-pci-attribute.ts';

const DEVICES = '/sys/bus/pci/devices';
const UNITS_PER_CALL = 500;

/** What status shows beside what is installed. What systemd does not tell is left out: the table says `-`. */
export async function readMoment(
  host: HostReader,
  manifest: Manifest,
  observed: Observed,
  nowMs: number,
): Promise<Moment> {
  const runtimes = installedRuntimes(manifest, observed.entries);
  const units = runtimes.map(({ index }) => runtimeUnit(index));
  const gpus = runtimes.flatMap((runtime) => [
    ...runtime.gpus,
    ...(runningValues(runtime.index, observed)?.gpus ?? []),
  ]);
  return {
    nowMs,
    usage: observed.units.size === 0 ? new Map() : await readUsage(host, units),
    drivers: await readDrivers(host, gpus),
  };
}

/** Moments in seconds since 1970, whatever time zone the host and the caller have; systemd knows that since 251. */
async function readUsage(host: HostReader, units: readonly string[]): Promise<Moment['usage']> {
  const usage = new Map<string, UnitUsage>();
  for (let first = 0; first < units.length; first += UNITS_PER_CALL) {
    const properties = `--property=${usageProperties.join(',')}`;
    const chunk = units.slice(first, first + UNITS_PER_CALL);
    const argv = ['systemctl', 'show', '--timestamp=unix', properties, '--', ...chunk];
    for (const entry of parseUnitUsage((await host.query(argv)).stdout)) usage.set(...entry);
  }
  return usage;
}

/** Only links are read: an attribute of a device that is being unbound would be waited for. */
async function readDrivers(
  host: HostReader,
  addresses: readonly string[],
): Promise<Moment['drivers']> {
  const drivers = new Map<string, string>();
  for (const address of new Set(addresses)) {
    if (!(await host.exists(`${DEVICES}/${address}`))) continue;
    drivers.set(address, (await linkName(host, `${DEVICES}/${address}/driver`)) ?? '');
  }
  return drivers;
}
