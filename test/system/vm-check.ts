import { checkVm } from '../../src/core/vm/rules.ts';
import { parseChVersion } from '../../src/core/vm/version.ts';
import { validate } from './vm-schema.ts';

/** What cloud-hypervisor of this version would not take of a request, or would ignore; bundled for the stand-ins. */
export function problemsOf(body: unknown, version: string): readonly string[] {
  if (!validate(body)) {
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
    );
  }
  const context = {
    version: parseChVersion(version),
    architecture: 'x86_64',
    probe: { isPrivileged: false },
  } as const;
  return checkVm(body, context)
    .filter(({ severity }) => severity === 'error')
    .map(({ rule, at, message }) => `${rule} ${at}: ${message}`);
}
