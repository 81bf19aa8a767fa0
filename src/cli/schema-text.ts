import schema from '../../schemas/vllmd-hypervisor-config-schema.json' with { type: 'json' };
import { newestVersion } from '../core/config/schema-keys.ts';
import { schemaOfVersion } from '../core/config/schema-of-version.ts';

/** The JSON Schema of a version of the config, as it is printed. */
export function schemaText(version: number): string {
  const printed = version === newestVersion ? schema : schemaOfVersion(schema, version);
  return `${JSON.stringify(printed, undefined, 2)}\n`;
}
