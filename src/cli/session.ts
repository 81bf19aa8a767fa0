import { parseDuration } from '../core/duration.ts';
import { exitCodes, VllmdError } from '../core/failure.ts';
import { elapsed } from '../core/report/units-human.ts';
import type { Host } from '../host/host.ts';
import type { Interrupts } from '../host/interrupts.ts';
import { describeHolder, type Lock, type LockHolder } from '../host/lock.ts';
import { mustBeRootOnly } from '../host/record.ts';
import { systemctl } from '../host/systemctl.ts';
import { markRecovered, recoverJournal } from '../host/transaction/recover.ts';
import { sweepRecord } from '../host/transaction/sweep.ts';
import type { World } from '../host/world.ts';
import { during } from './during.ts';
import { reportRecovery } from './report-recovery.ts';
import { withSudo } from './with-sudo.ts';

export type SessionOptions = {
  /** `install`, `rollback`, … */
  readonly operation: string;
  readonly root?: string | undefined;
  readonly lockTimeout?: string | undefined;
  /** Leaves an install that was cut off as it is: the command deals with it itself. */
  readonly keepsJournal?: true;
  /** How long runtimes that a recovery starts must stay up. */
  readonly settleMs?: number;
};

export type Session = {
  readonly host: Host;
  readonly interrupts: Interrupts;
};

/** Runs a command that changes the host, with nobody else beside it, after what an earlier one has left half done. */
export async function exclusively(
  options: SessionOptions,
  world: World,
  work: (session: Session) => Promise<number>,
): Promise<number> {
  requireRoot(world, options.operation);
  const root = options.root ?? '';
  const lock = await lockFor(options, root, world);
  const interrupts = world.interrupts();
  interrupts.onSignal((signal, count) => {
    const text =
      count === 1
        ? `${signal}: ${goesBack.has(options.operation) ? 'the current step is finished, then everything goes back to what it was' : 'this is finished first, it takes a moment'}`
        : `${signal} again: it must not be cut off here`;
    world.stderr.write(`\n${text}\n`);
  });
  try {
    const host = world.host(root);
    await mustBeRootOnly(host, host.layer.record.dir);
    await sweepRecord(host);
    if (options.keepsJournal !== true) {
      const context = { ...recoverContext(world, options.settleMs), isOffline: root !== '' };
      const recovery = await during(world, RECOVERING, () => recoverJournal(host, context));
      if (recovery !== undefined) reportRecovery(recovery, world);
      if (recovery?.incomplete !== undefined) return exitCodes.rollbackIncomplete;
      if (options.root === undefined) await letStart(host, world);
    }
    return await work({ host, interrupts });
  } finally {
    interrupts.stop();
    lock.release();
  }
}

/** Told where there is something to recover, and that takes its time. */
export const RECOVERING = 'finishing or undoing what was cut off';

async function lockFor(options: SessionOptions, root: string, world: World): Promise<Lock> {
  const timeoutMs = duration('--lock-timeout', options.lockTimeout) ?? 0;
  let stop = () => {};
  const onWait = (holder: LockHolder | undefined) => {
    const who = describeHolder(holder, world.now());
    world.notes.write(`waiting up to ${options.lockTimeout} for ${who}\n`);
    const detail = (passedMs: number) => `${elapsed(passedMs)} of ${elapsed(timeoutMs)}`;
    stop = world.doing('waiting for the lock', { isTold: true, detail });
  };
  try {
    const op = `${world.layer.command} ${options.operation}`.slice('vllmd '.length);
    return await world.lock(root, { op, timeoutMs, onWait });
  } finally {
    stop();
  }
}

/** After a boot that could not recover. */
async function letStart(host: Host, world: World): Promise<void> {
  if ((await host.read(host.layer.unrecoveredPath)).type === 'absent') return;
  const { exitCode, stderr } = await systemctl(host, 'daemon-reload');
  if (exitCode !== 0) {
    const why = `systemctl daemon-reload: ${stderr.trim()}`;
    throw new VllmdError('unexpected', why, 'see whether systemd answers: systemctl status');
  }
  await markRecovered(host);
  world.stderr.write(
    `note: the last boot has started no ${host.layer.member}; \`sudo systemctl start ${host.layer.targetUnit}\` afterwards starts those that are enabled\n`,
  );
}

const SETTLE_MS = 5000;

export function recoverContext(world: World, settleMs = SETTLE_MS, isBoot = false) {
  const { now, wait, self } = world;
  return { now, wait, self, isBoot, settleMs };
}

/** In milliseconds; undefined where the flag is not given. */
export function duration(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  throw new VllmdError('usage', `${flag} ${text} is no time`, 'write 90s, 10m or 2h');
}

/** How long a started runtime must stay up, in milliseconds. */
export function settleTime(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  throw new VllmdError(
    'usage',
    `--settle takes seconds, 0 or more, or a time such as 30s; got ${text}`,
    '--settle 0 is one look',
  );
}

const goesBack: ReadonlySet<string> = new Set(['install', 'uninstall', 'rollback']);
const hasDryRun: ReadonlySet<string> = new Set(['install', 'uninstall', 'rollback']);

export function requireRoot(world: World, command: string): void {
  if (world.uid === 0) return;
  const look = hasDryRun.has(command) ? ', or add --dry-run to look first' : '';
  throw new VllmdError(
    'needsRoot',
    `${world.layer.command} ${command} changes the host and needs root: run \`${withSudo(world)}\`${look}`,
  );
}

/** Who changes the host at the moment, in words. */
export async function whoIsBusy(world: World, root = ''): Promise<string | undefined> {
  const holder = await world.lockHolder(root);
  return holder === undefined ? undefined : describeHolder(holder, world.now());
}

/** For a command that only looks: what it says may be out of date in a moment. */
export async function warnIfBusy(world: World, root = ''): Promise<boolean> {
  const who = await whoIsBusy(world, root);
  if (who !== undefined) warnOf(who, world);
  return who !== undefined;
}

export function warnOf(who: string, world: World): void {
  world.stderr.write(`warning: ${who} is changing this host: what follows may be out of date\n`);
}
