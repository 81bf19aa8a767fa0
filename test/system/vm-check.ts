import Ajv from 'ajv';
import schema from '../../schemas/cloud-hypervisor-vm-config.schema.json' with { type: 'json' };
import { checkVm } from '../../src/core/vm/rules.ts';
import { parseChVersion } from '../../src/core/vm/version.ts';
import type { VmConfig } from '../../src/core/vm/vm-config.gen.ts';

const validate = new Ajv.default({ allErrors: true, strict: false }).compile<VmConfig>(schema);

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
