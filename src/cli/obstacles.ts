import { VllmdError } from '../core/failure.ts';
import type { ManifestRuntime } from '../core/plan/manifest.ts';
import { protectedFromRemoval } from '../core/preflight/last-install.ts';
import { membersInWords } from '../core/resolve/member.ts';
import type { HostReader } from '../host/host.ts';
import { readJournal } from '../host/transaction/store.ts';
import type { World } from '../host/world.ts';
import type { Prepared } from './prepare.ts';
import { warnIfBusy } from './session.ts';

/** What a real run would end with before it looks at its plan; what it would do first is said at once. */
export async function obstaclesBefore(
  check: () => Promise<unknown>,
  { host, root }: { readonly host: HostReader; readonly root?: string | undefined },
  world: World,
): Promise<readonly VllmdError[]> {
  const isBusy = await warnIfBusy(world, root);
  return [...(await cutOff(host, isBusy, world)), ...(await obstacleOf(check))];
}

async function cutOff(
  host: HostReader,
  isBusy: boolean,
  world: World,
): Promise<readonly VllmdError[]> {
  const journal = await readJournal(host);
  if (journal === 'none' || journal === 'hidden') return [];
  if ('damage' in journal) {
    const message = `${journal.damage}: a real run ends with that`;
    return [
      new VllmdError('rollbackIncomplete', message, `see \`${host.layer.command} recover --help\``),
    ];
  }
  // One that runs right now is not cut off.
  if (isBusy) return [];
  world.stderr.write(
    `warning: an earlier ${journal.operation} was cut off: a real run finishes or undoes it first, and plans after that\n`,
  );
  return [];
}

/** The failure that a check of a real run would end with. */
export async function obstacleOf(check: () => unknown): Promise<readonly VllmdError[]> {
  try {
    await check();
    return [];
  } catch (error) {
    if (error instanceof VllmdError) return [error];
    throw error;
  }
}

/** Throws where runtimes would go that must not. */
export function mustKeepProtected(
  who: string,
  wanted: readonly Pick<ManifestRuntime, 'index'>[],
  { manifest, observed }: Prepared,
): void {
  const indices = protectedFromRemoval(wanted, manifest, observed);
  if (indices.length === 0) return;
  throw new VllmdError(
    'preflight',
    `nothing was changed: ${who} would remove ${membersInWords(indices)}, installed with prevent_removal = true`,
    'to remove it all the same, install once with prevent_removal = false before',
  );
}
