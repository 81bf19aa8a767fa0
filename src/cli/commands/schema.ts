import schema from '../../../schemas/vllmd-hypervisor-config-schema.json' with { type: 'json' };
import { configVersions } from '../../core/config/config-input.gen.ts';
import { newestVersion } from '../../core/config/schema-keys.ts';
import { schemaOfVersion } from '../../core/config/schema-of-version.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import type { World } from '../../host/world.ts';

export type SchemaOptions = { readonly schemaVersion?: string | undefined };

export async function printSchema(options: SchemaOptions, world: World): Promise<number> {
  const asked = options.schemaVersion ?? String(newestVersion);
  const version = configVersions.find((known) => String(known) === asked);
  if (version === undefined) {
    throw new VllmdError(
      'usage',
      `--schema-version ${asked}: there is no such version of the config`,
      `known are ${configVersions.join(' and ')}`,
    );
  }
  const printed = version === newestVersion ? schema : schemaOfVersion(schema, version);
  world.stdout.write(`${JSON.stringify(printed, undefined, 2)}\n`);
  return exitCodes.ok;
}
