import type { Facts } from '../facts/facts.ts';
import type { PrecheckView } from './view.ts';

/** How parameters get onto the kernel command line of this host, to the letter. */
export function kernelParameterLines(
  parameters: string,
  { distribution }: Facts,
): readonly string[] {
  const grub = [
    `sudo mkdir -p /etc/default/grub.d && echo 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX ${parameters}"' | sudo tee /etc/default/grub.d/iommu.cfg`,
    'sudo update-grub && sudo reboot',
  ];
  const grubby = [`sudo grubby --update-kernel=ALL --args="${parameters}" && sudo reboot`];
  if (distribution === 'debian') return grub;
  if (distribution === 'fedora') return grubby;
  return [
    `Debian, Ubuntu: ${grub.join('; then: ')}`,
    `Fedora, RHEL: ${grubby.join('')}`,
    `else: add ${parameters} to the kernel command line of the boot loader, and reboot`,
  ];
}

/** vllmd writes them, to a file that the GRUB of Fedora and its kin does not read. */
export function isForGrub({ desired, facts }: PrecheckView): boolean {
  return desired.kernelCommandLine === 'grub' && facts.distribution !== 'fedora';
}
