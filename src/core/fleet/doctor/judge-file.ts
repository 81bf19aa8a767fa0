import type { RuntimeHost, RuntimesFile } from '../runtimes-file.ts';
import { type Finding, findingsOf } from './finding.ts';
import { needsOf } from './needs.ts';
import type { View } from './view.ts';

/** Whose a file is, and who may do what with it; by IDs of accounts. */
export type FileOwnership = { readonly mode: number; readonly owner: number; readonly uid: number };

/** What is right and wrong about the file itself. `own` undefined: it is no file, so nobody else can read it. */
export function judgeFile(
  file: RuntimesFile,
  { hosts, view }: { readonly hosts: readonly RuntimeHost[]; readonly view: View },
  own: FileOwnership | undefined,
): readonly Finding[] {
  const ofFile = own === undefined ? [] : [...judgeOwner(own), ...judgeMode(file, own)];
  return [...ofFile, ...hosts.flatMap(portsOn(file, view))];
}

function judgeOwner({ owner, uid }: FileOwnership): readonly Finding[] {
  if (owner === uid || owner === 0) return [];
  const detail = `it belongs to the account with the ID ${owner}, which can change it, and its commands run as who runs vllmd`;
  const help = `read what it does, then take it over: chown ${uid}`;
  return [findingsOf(undefined).problem('file', detail, help)];
}

function judgeMode({ hosts }: RuntimesFile, { mode }: FileOwnership): readonly Finding[] {
  const { ok, warning, problem } = findingsOf(undefined);
  const octal = mode.toString(8).padStart(4, '0');
  if ((mode & 0o077) === 0) return [ok('file', `mode ${octal}`)];
  if ((mode & 0o022) !== 0) {
    const detail = `mode ${octal}: others can change it, and its commands run as who runs vllmd`;
    return [problem('file', detail, 'let its owner alone read and change it: chmod 600')];
  }
  const holdsSecret = hosts.some(
    ({ connection }) => connection.password !== undefined || connection.key_path !== undefined,
  );
  const help = 'let its owner alone read it: chmod 600';
  if (holdsSecret) return [problem('file', `mode ${octal}, and it holds secrets`, help)];
  return [warning('file', `mode ${octal}: others can read it`, help)];
}

/** One runtime runs at a time, so that it is no problem by itself. */
function portsOn(file: RuntimesFile, { section }: View) {
  return (host: RuntimeHost): readonly Finding[] => {
    const byPort = new Map<number, string[]>();
    for (const { id, runtime_defaults } of needsOf(file, host, { section }).models) {
      const port = runtime_defaults?.port;
      if (port !== undefined) byPort.set(port, [...(byPort.get(port) ?? []), id]);
    }
    const { warning } = findingsOf(host.id);
    return [...byPort]
      .filter(([, ids]) => ids.length > 1)
      .map(([port, ids]) =>
        warning(
          'port',
          `${ids.join(', ')} have port ${port}: a runtime that was not stopped is taken for the next one`,
          'give each its own runtime_defaults.port, unless stop_cmd ends them for certain',
        ),
      );
  };
}
