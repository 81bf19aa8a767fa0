import { exitCodes, VllmdError } from '../../core/failure.ts';
import { disarm } from '../../host/transaction/confirm.ts';
import type { World } from '../../host/world.ts';
import { exclusively } from '../session.ts';

/** Keeps an install that would go back by itself. */
export async function confirm(
  { lockTimeout }: { readonly lockTimeout?: string | undefined },
  world: World,
): Promise<number> {
  return exclusively({ operation: 'confirm', lockTimeout }, world, async ({ host }) => {
    if ((await host.read(host.layer.record.confirm)).type === 'absent') {
      const hint = '`sudo vllmd history` says which generation is in place';
      throw new VllmdError('usage', 'nothing waits for a confirmation', hint);
    }
    await disarm(host);
    world.notes.write('confirmed: it stays\n');
    return exitCodes.ok;
  });
}
