import { quoted } from '../../config/show-value.ts';
import { type Flaw, flaw, vmRule } from '../make-rule.ts';
import type { FileProbe } from '../probe.ts';
import type { VmRule } from '../rule.ts';
import { ACCESS_HELP } from './shared-help.ts';

const FILES = ['firmware', 'kernel', 'initramfs', 'igvm'] as const;

/** What boots. */
export const payloadRules: readonly VmRule[] = [
  vmRule('C-PAY-1', ({ payload }) => {
    const { firmware, kernel, igvm } = payload ?? {};
    return (
      firmware === undefined &&
      kernel === undefined &&
      igvm === undefined &&
      flaw('payload', 'neither a firmware nor a kernel is given', 'give payload.firmware')
    );
  }),
  vmRule(
    'C-PAY-2',
    ({ payload }) =>
      payload?.firmware !== undefined &&
      payload.kernel !== undefined &&
      flaw(
        'payload/kernel',
        `a kernel, ${quoted(payload.kernel)}, beside a firmware; only one of them can boot`,
        'leave payload.kernel out',
      ),
  ),
  vmRule(
    'R-PAY-1',
    ({ payload }) => {
      if (payload?.firmware === undefined) return [];
      const given = (['cmdline', 'initramfs'] as const).filter((key) => payload[key] !== undefined);
      return given.map((key) =>
        flaw(
          `payload/${key}`,
          'has no effect beside a firmware: cloud-hypervisor drops it',
          'leave it out, or boot a kernel instead of the firmware',
        ),
      );
    },
    'warning',
  ),
  vmRule('R-PAY-2', ({ payload }, { probe }) =>
    FILES.flatMap((key) => {
      const path = payload?.[key];
      return path === undefined ? [] : unreadable(`payload/${key}`, path, probe.files?.get(path));
    }),
  ),
];

function unreadable(key: string, path: string, file: FileProbe | undefined): readonly Flaw[] {
  if (file === undefined || file.isReadable) return [];
  const state = file.isThere ? 'cannot be read by the account of the VM' : 'does not exist';
  return [flaw(key, `${quoted(path)} ${state}`, ACCESS_HELP)];
}
