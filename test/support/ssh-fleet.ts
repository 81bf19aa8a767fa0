import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { RuntimeHost } from '../../src/core/fleet/runtimes-file.ts';
import { type AtTestEnd, type FleetSketch, fleet } from './fleet.ts';
import { namespaces } from './namespaces.ts';
import { newCaller, type SshHost, type SshHostRequest, startSshHost } from './ssh-host.ts';

type Place = Omit<SshHostRequest, 'directory' | 'caller'>;

/** Two hosts, each behind an sshd of its own with a home of its own, and a caller whom both let in. */
export async function twoSshHosts(directory: string, [first, second]: readonly [Place, Place]) {
  const own = mkdtempSync(join(directory, 'hosts-'));
  const caller = newCaller(own);
  const h1 = await startSshHost({ ...first, directory: join(own, 'h1'), caller });
  const h2 = await startSshHost({ ...second, directory: join(own, 'h2'), caller });
  return { env: caller.env, own, h1, h2 };
}

/** What a file of runtimes has of such a host. */
export function sshEntry(
  { connection }: SshHost,
  control: RuntimeHost['model_control'],
): Partial<RuntimeHost> {
  return { transport: 'ssh', connection, model_control: control };
}

/**
 * Two hosts as network namespaces, h1 and h2, and a fleet on them. Its backend is applied, and each command but those of
 * a model notes what it does, and the address of the host where it does it.
 */
export async function cabledFleet(directory: string, atTestEnd: AtTestEnd = onTestFinished) {
  const [n1, n2] = namespaces(2);
  if (n1 === undefined || n2 === undefined) throw new RangeError('two were asked for');
  const places = [{ ...n1, port: 22 } as const, { ...n2, port: 22 } as const] as const;
  const { env, h1, h2 } = await twoSshHosts(directory, places);
  const it = await fleet({ env }, atTestEnd);
  const noting = (what: string) =>
    `set -- $SSH_CONNECTION; echo ${what} {model_id} at "$3" >> ${it.notes}`;
  /** `before` is run by stop_cmd, too. */
  const write = ({ backend, ...sketch }: Omit<FleetSketch, 'hosts'>, before = 'true') => {
    const control = {
      // They share the processes of this machine.
      stop_cmd: `${noting('stop')}; ${before}; pkill --ns $$ --nslist net -f ${it.folder} || true`,
      cleanup_cmd: noting('cleanup'),
    };
    it.write({
      ...sketch,
      backend: { apply_cmd: noting('apply'), rollback_cmd: noting('rollback'), ...backend },
      hosts: { h1: sshEntry(h1, control), h2: sshEntry(h2, control) },
    });
  };
  return { ...it, write, noting, h1: { ...h1, ...n1 }, h2: { ...h2, ...n2 } };
}
