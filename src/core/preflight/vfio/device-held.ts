import { errorAt } from '../../diagnostic.ts';
import type { DeviceHolder } from '../../facts/pci.ts';
import { isHeldByHost } from '../../facts/pci-driver.ts';
import type { HostCheck } from './host-check.ts';
import { boundDevices, subjectOf } from './vfio-view.ts';

/** Programs that keep GPUs open and what stops them. */
const services: ReadonlyMap<string, string> = new Map([
  ['nvidia-persistenced', 'nvidia-persistenced'],
  ['nv-hostengine', 'nvidia-dcgm'],
  ['nv-fabricmanager', 'nvidia-fabricmanager'],
  ['dcgm-exporter', 'dcgm-exporter'],
  ['Xorg', 'display-manager'],
  ['Xwayland', 'display-manager'],
  ['gnome-shell', 'display-manager'],
  // It opens displays for whoever is logged in at one.
  ['systemd-logind', 'display-manager'],
]);
/** What the kernel keeps of the name of a process. */
const NAME_LENGTH = 15;

/** No process works with a device that is taken: the kernel would wait for it, for as long as it takes. */
export const deviceHeld: HostCheck = {
  id: 'device-held',
  check: (view) =>
    boundDevices(view)
      .filter(({ device }) => isHeldByHost(device) && device.holders.length > 0)
      .map((bound) => {
        const { holders } = bound.device;
        const pids = new Set(holders.map(({ pid }) => pid));
        const who = pids.size === 1 ? 'a process has' : `${pids.size} processes have`;
        const message = `${subjectOf(bound)} cannot be taken from its driver: ${who} it open`;
        const detail = holders.map(({ pid, name, path }) => `${path}  ${pid} ${programOf(name)}`);
        const help = remedies(holders).join('\n');
        return { ...errorAt('device-held', bound.use.pointer, message, help), detail };
      }),
};

function remedies(holders: readonly DeviceHolder[]): readonly string[] {
  const lines = holders.map(({ pid, name }) => {
    const service = services.get(programOf(name));
    if (service !== undefined) return `sudo systemctl stop ${service}`;
    return `stop ${name} (\`systemctl status ${pid}\` names its service)`;
  });
  return [...new Set(lines)];
}

function programOf(name: string): string {
  return [...services.keys()].find((program) => program.slice(0, NAME_LENGTH) === name) ?? name;
}
