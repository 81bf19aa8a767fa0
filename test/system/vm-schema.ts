import Ajv from 'ajv';
import schema from '../../schemas/cloud-hypervisor-vm-config.schema.json' with { type: 'json' };
import type { VmConfig } from '../../src/core/vm/vm-config.gen.ts';

export const ajv = new Ajv.default({
  ...{ allErrors: true, strict: false },
  code: { source: true, esm: true },
});

/** Of the schema of VM definitions. A bundle has the code that this is compiled to in the place of this module. */
export const validate = ajv.compile<VmConfig>(schema);
