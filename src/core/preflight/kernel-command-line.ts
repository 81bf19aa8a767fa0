import type { Diagnostic } from '../diagnostic.ts';
import { kernelParameters } from '../kinds/host-base/grub.ts';
import { type PreflightInput, warningAt } from './check.ts';

/** The grub2-mkconfig of Fedora and its kin reads /etc/default/grub alone, and no file beside it. */
export function kernelCommandLineChecks({
  desired,
  facts,
  placements,
}: PreflightInput): readonly Diagnostic[] {
  if (desired.kernelCommandLine !== 'grub' || facts.distribution !== 'fedora') return [];
  const parameters = kernelParameters(desired, placements).join(' ');
  if (parameters === '') return [];
  return [
    warningAt(
      'grub-reads-drop-ins',
      '/host/kernel_cmdline',
      'the GRUB of this distribution does not read /etc/default/grub.d, where vllmd writes the kernel parameters',
      `sudo grubby --update-kernel=ALL --args="${parameters}" && sudo reboot`,
    ),
  ];
}
