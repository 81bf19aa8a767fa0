import type { World } from '../host/world.ts';

export const READING = 'reading what is on the host';

/** Says what goes on while something runs, where that takes longer than a second. */
export async function during<Value>(
  world: Pick<World, 'doing'>,
  what: string,
  work: () => Promise<Value>,
): Promise<Value> {
  const done = world.doing(what);
  try {
    return await work();
  } finally {
    done();
  }
}
