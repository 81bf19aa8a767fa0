import type { Diagnostic } from '../diagnostic.ts';
import { mountOf } from '../facts/mounts.ts';
import { ETC_DIR, INSTALL_DIR, UNIT_DIR } from '../resolve/layout.ts';
import { ofHost, type PreflightInput } from './check.ts';

/** Where an install writes. A filesystem that is found to be read-only after VMs were stopped is found too late. */
export function filesystemChecks({ desired, facts }: PreflightInput): readonly Diagnostic[] {
  const places = [UNIT_DIR, ETC_DIR, INSTALL_DIR, desired.configDir, desired.stateDir];
  const locked = places.flatMap((path) => {
    const mount = mountOf(path, facts.mounts);
    return mount?.isReadOnly === true ? [{ path, point: mount.point }] : [];
  });
  return locked.map(({ path, point }) =>
    ofHost(
      'read-only-filesystem',
      `${path} cannot be written to: ${point} is mounted read-only`,
      `mount -o remount,rw ${point}; if it came by itself, see \`dmesg\` for errors of the disk`,
    ),
  );
}
