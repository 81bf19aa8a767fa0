import schema from '../../../schemas/llama-cpp-config-toml.schema.json' with { type: 'json' };
import { exitCodes } from '../../core/failure.ts';
import type { World } from '../../host/world.ts';
import { writeJson } from '../write-json.ts';

export async function llamaSchema(_options: object, world: World): Promise<number> {
  writeJson(schema, world);
  return exitCodes.ok;
}
