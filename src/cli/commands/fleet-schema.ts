import schema from '../../../schemas/runtimes-json.schema.json' with { type: 'json' };
import { exitCodes } from '../../core/failure.ts';
import type { World } from '../../host/world.ts';
import { writeJson } from '../write-json.ts';

export async function fleetSchema(_options: object, world: World): Promise<number> {
  writeJson(schema, world);
  return exitCodes.ok;
}
