import { visibleLines } from '../../core/control-characters.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import type { Host } from '../../host/host.ts';
import { systemctl } from '../../host/systemctl.ts';
import { readPending } from '../../host/transaction/confirm.ts';
import {
  discardJournal,
  markRecovered,
  recoverJournal,
  startHeldBack,
} from '../../host/transaction/recover.ts';
import { repairManifest } from '../../host/transaction/repair-manifest.ts';
import type { World } from '../../host/world.ts';
import { during } from '../during.ts';
import { reportRecovery } from '../report-recovery.ts';
import { rollbackAtBoot } from '../rollback-at-boot.ts';
import { exclusively, RECOVERING, recoverContext, type Session, settleTime } from '../session.ts';

export type RecoverOptions = {
  /** Called by vllmd-recover.service, before any runtime starts. */
  readonly boot: boolean;
  readonly discardJournal: boolean;
  readonly settle: string;
  readonly lockTimeout?: string | undefined;
};

/** Finishes or takes back what was cut off, so that each runtime is wholly on one generation. */
export async function recover(options: RecoverOptions, world: World): Promise<number> {
  const { lockTimeout } = options;
  const settleMs = options.boot ? 0 : settleTime(options.settle);
  const request = { operation: 'recover', lockTimeout, keepsJournal: true } as const;
  return exclusively(request, world, (session) =>
    options.discardJournal
      ? discard(session.host, world)
      : putRight(session, { boot: options.boot, settleMs }, world),
  );
}

async function putRight(
  session: Session,
  { boot, settleMs }: { readonly boot: boolean; readonly settleMs: number },
  world: World,
): Promise<number> {
  const { host } = session;
  const isHeld = await holdsRuntimes(host);
  const repaired = await repairManifest(host);
  if (repaired !== undefined) {
    world.stderr.write(`the record was damaged: it is that of generation ${repaired} again\n`);
  }
  const context = recoverContext(world, settleMs, boot);
  const recovery = await during(world, RECOVERING, () => recoverJournal(host, context));
  if (recovery === undefined) {
    if (repaired === undefined) world.notes.write('nothing to recover\n');
  } else {
    reportRecovery(recovery, world);
    if (recovery.incomplete !== undefined) return exitCodes.rollbackIncomplete;
  }
  if (boot) return finishBoot(session, world);
  // systemd may know what a boot has taken back since, or could not read.
  if (isHeld && !(await reload(host, world))) return exitCodes.rollbackIncomplete;
  await markRecovered(host);
  if (isHeld) {
    world.stderr.write(`the ${host.layer.member}s that the last boot has not started start now\n`);
    await startHeldBack(host);
  }
  return exitCodes.ok;
}

/** Since a boot that could not recover. */
async function holdsRuntimes(host: Host): Promise<boolean> {
  return (await host.read(host.layer.unrecoveredPath)).type !== 'absent';
}

/** A reboot is the end of the time for a confirmation. The unit itself lets the runtimes start after this. */
async function finishBoot(session: Session, world: World): Promise<number> {
  const { host } = session;
  const code = await goBack(session, world);
  if (code === exitCodes.rollbackIncomplete) return code;
  // systemd has read what lay there before, and must not start anything from that.
  if (!(await reload(host, world))) return exitCodes.rollbackIncomplete;
  // The unit of this very call may be gone with what was undone, and nobody else would lift it then.
  await markRecovered(host);
  // What is enabled again may be in no transaction of this boot.
  await startHeldBack(host);
  return code;
}

async function reload(host: Host, world: World): Promise<boolean> {
  const { exitCode, stderr } = await systemctl(host, 'daemon-reload');
  if (exitCode === 0) return true;
  world.stderr.write(`error: systemctl daemon-reload: ${stderr.trim()}\n`);
  return false;
}

/** What cannot be taken back stays as it is, whole: the runtimes start, and the unit fails so that it is seen. */
async function goBack(session: Session, world: World): Promise<number> {
  try {
    if ((await readPending(session.host)) === undefined) return exitCodes.ok;
    return await rollbackAtBoot(session, world);
  } catch (error) {
    if (!(error instanceof VllmdError)) throw error;
    world.stderr.write(
      `the install that nobody has confirmed stays: ${visibleLines(error.message)}\n`,
    );
    return exitCodes[error.exit];
  }
}

async function discard(host: Host, world: World): Promise<number> {
  const isHeld = await holdsRuntimes(host);
  const path = await discardJournal(host);
  await markRecovered(host);
  world.stderr.write(
    path === undefined
      ? 'there is no journal\n'
      : `the journal is put aside in ${path}; run \`sudo ${host.layer.command} install\` now: files and units are as that install left them\n`,
  );
  if (isHeld) {
    const command = `sudo systemctl start ${host.layer.targetUnit}`;
    world.stderr.write(
      `the last boot has started no ${host.layer.member}: after that run \`${command}\`\n`,
    );
  }
  return exitCodes.ok;
}
