import { VllmdError } from '../../core/failure.ts';
import type { Host } from '../host.ts';

const TIMEOUT_MS = 60_000;
const PATHS_PER_CALL = 500;

/** Gives what was written the labels that the host's SELinux policy has for these places. Elsewhere it does nothing. */
export async function relabel(paths: readonly string[], host: Host): Promise<void> {
  if (paths.length === 0 || !(await host.exists('/sys/fs/selinux/enforce'))) return;
  for (let first = 0; first < paths.length; first += PATHS_PER_CALL) {
    const some = paths.slice(first, first + PATHS_PER_CALL);
    // -i: what is gone needs no label.
    const result = await host.run(['restorecon', '-i', '--', ...some], TIMEOUT_MS);
    if (result.exitCode === 0) continue;
    throw new VllmdError(
      'unexpected',
      `restorecon failed with exit code ${result.exitCode}: ${result.stderr.trim()}`,
      'this host runs SELinux: install policycoreutils, or see what its policy says of these files',
    );
  }
}
