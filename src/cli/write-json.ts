import type { World } from '../host/world.ts';

/** A document as one line, for a stream of them. */
export function writeJsonLine(value: object, world: World): void {
  world.stdout.write(`${JSON.stringify(value)}\n`);
}

export function writeJson(value: object, world: World): void {
  world.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
