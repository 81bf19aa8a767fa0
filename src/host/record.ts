import { VllmdError } from '../core/failure.ts';
import type { Entry } from '../core/plan/observed.ts';
import type { HostReader } from './host.ts';

/** A file of the record. What somebody else than root could have put there is not even read: root does what it says. */
export async function readRecord(host: HostReader, path: string): Promise<Entry> {
  await mustBeRootOnly(host, path);
  return host.read(path);
}

/** Throws where others than root can write a path of the record, or can put another directory in the place of one above it. */
export async function mustBeRootOnly(host: HostReader, path: string): Promise<void> {
  const exposure = await host.exposure(path);
  if (exposure === undefined) return;
  throw new VllmdError(
    'conflict',
    `${exposure.path} ${exposure.why}: who can write it decides what the record of vllmd says, and root does that`,
    `look at what lies there; ${exposure.help}`,
  );
}
