import { defaults } from './defaults.ts';
import type { DesiredPayload } from './desired.ts';
import { path, type Resolving, type RuntimeInput } from './resolving.ts';

/** What a runtime says of its own comes before what [boot] says. */
export function resolvePayload(
  runtime: RuntimeInput,
  { input, account }: Resolving,
): DesiredPayload {
  const boot = input.boot ?? {};
  const ownFirmware = runtime.kernel === undefined ? runtime.firmware : undefined;
  const kernel = ownFirmware === undefined ? (runtime.kernel ?? boot.kernel) : undefined;
  if (kernel === undefined) {
    const firmware = ownFirmware ?? boot.firmware ?? defaults.firmware;
    return { type: 'firmware', firmware: path(firmware, account) };
  }
  // The initramfs belongs to the kernel beside it: one of another kernel has the wrong modules.
  const initramfs =
    runtime.initramfs ?? (runtime.kernel === undefined ? boot.initramfs : undefined);
  return {
    type: 'kernel',
    kernel: path(kernel, account),
    initramfs: initramfs === undefined ? '' : path(initramfs, account),
    commandLine: runtime.cmdline ?? boot.cmdline ?? defaults.commandLine,
  };
}
