import { configVersions } from '../../core/config/config-input.gen.ts';
import { newestVersion } from '../../core/config/schema-keys.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import type { World } from '../../host/world.ts';
import { schemaText } from '../schema-text.ts';

export type SchemaOptions = { readonly schemaVersion?: string | undefined };

export async function printSchema(options: SchemaOptions, world: World): Promise<number> {
  const asked = options.schemaVersion ?? String(newestVersion);
  const version = configVersions.find((known) => String(known) === asked);
  if (version === undefined) {
    const message = `--schema-version ${asked}: there is no such version of the config`;
    throw new VllmdError('usage', message, `known are ${configVersions.join(' and ')}`);
  }
  world.stdout.write(schemaText(version));
  return exitCodes.ok;
}
