import type { World } from '../host/world.ts';

export function writeJson(value: object, world: World): void {
  world.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
