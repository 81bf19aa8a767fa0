import { type FileAccess, isOfAnother, isOpenToChange } from '../file-mode.ts';
import type { RuntimeHost, RuntimesFile } from '../runtimes-file.ts';
import { type Finding, findingsOf } from './finding.ts';
import { needsOf } from './needs.ts';
import type { View } from './view.ts';

/** What is right and wrong about the file itself. Without permissions it is no file, and nobody else can read it. */
export function judgeFile(
  file: RuntimesFile,
  { hosts, view }: { readonly hosts: readonly RuntimeHost[]; readonly view: View },
  access: FileAccess,
): readonly Finding[] {
  return [...judgeOwner(access), ...judgeMode(file, access), ...hosts.flatMap(portsOn(file, view))];
}

function judgeOwner({ owner, uid }: FileAccess): readonly Finding[] {
  if (!isOfAnother({ owner, uid })) return [];
  const detail = `it belongs to the account with the ID ${owner}, which can change it, and its commands run as who runs vllmd`;
  const help = `read what it does, then take it over: chown ${uid}`;
  return [findingsOf(undefined).problem('file', detail, help)];
}

function judgeMode({ hosts }: RuntimesFile, { permissions }: FileAccess): readonly Finding[] {
  const { ok, warning, problem } = findingsOf(undefined);
  if (permissions === undefined) return [];
  const mode = permissions & 0o777;
  const octal = mode.toString(8).padStart(4, '0');
  if ((mode & 0o077) === 0) return [ok('file', `mode ${octal}`)];
  if (isOpenToChange(mode)) {
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
