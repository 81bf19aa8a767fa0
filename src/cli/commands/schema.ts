import schema from '../../../schemas/vllmd-hypervisor-config-schema.json' with { type: 'json' };
import { exitCodes } from '../../core/failure.ts';
import type { World } from '../../host/world.ts';

export async function printSchema(world: World): Promise<number> {
  world.stdout.write(`${JSON.stringify(schema, undefined, 2)}\n`);
  return exitCodes.ok;
}
