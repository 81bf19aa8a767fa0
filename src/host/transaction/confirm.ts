import { VllmdError } from '../../core/failure.ts';
import type { Journal } from '../../core/transaction/journal.ts';
import type { Host, HostReader } from '../host.ts';
import { readRecord } from '../record.ts';
import { readGeneration, removeIfThere, saveRecord } from './store.ts';

export type ConfirmContext = {
  readonly now: () => number;
  /** The argv that starts vllmd. */
  readonly self: readonly string[];
};

/** An install that goes back by itself unless it is confirmed. */
export type Pending = {
  readonly schema: 1;
  readonly generation: number;
  readonly rollbackTo: number;
  /** Milliseconds since 1970. */
  readonly deadline: number;
};

const UNIT = 'vllmd-confirm';
const TIMEOUT_MS = 30_000;

/** From here on a reboot takes the install back. */
export async function savePending(
  withinMs: number,
  journal: Journal,
  host: Host,
  { now }: ConfirmContext,
): Promise<void> {
  const pending: Pending = {
    schema: 1,
    generation: journal.after.generation,
    rollbackTo: journal.before?.generation ?? 0,
    deadline: now() + withinMs,
  };
  await saveRecord(host, host.layer.record.confirm, pending);
}

/** Has systemd roll back in a while. At a reboot before that, vllmd-recover.service does it. */
export async function arm(
  withinMs: number,
  generation: number,
  host: Host,
  { self }: ConfirmContext,
): Promise<void> {
  await stopTimer(host);
  const result = await host.run(
    [
      'systemd-run',
      `--unit=${UNIT}`,
      `--on-active=${Math.ceil(withinMs / 1000)}`,
      '--timer-property=AccuracySec=1s',
      '--collect',
      '--description=vllmd: roll back what nobody has confirmed',
      '--',
      ...self,
      'rollback',
      '--unconfirmed',
      String(generation),
      '--lock-timeout',
      '30m',
    ],
    TIMEOUT_MS,
  );
  if (result.exitCode === 0) return;
  throw new VllmdError(
    'unexpected',
    `the install is done, but systemd-run cannot take it back in time: ${result.stderr.trim()}`,
    'run `sudo vllmd confirm` to keep it, or `sudo vllmd rollback` to take it back; a reboot takes it back as well',
  );
}

export async function readPending(host: HostReader): Promise<Pending | undefined> {
  const entry = await readRecord(host, host.layer.record.confirm);
  if (entry.type === 'absent' || entry.type === 'hidden') return undefined;
  const pending = entry.type === 'file' ? parsePending(entry.text) : undefined;
  if (pending !== undefined) return pending;
  throw new VllmdError(
    'unexpected',
    `${host.layer.record.confirm} is damaged: what an install that nobody has confirmed goes back to is not known`,
    'look at `sudo vllmd history`; `sudo vllmd confirm` keeps what is there, `sudo vllmd rollback N` goes back',
  );
}

/** Throws while an install waits: else it would not be clear any more what there is to go back to. */
export async function mustBeConfirmed(host: HostReader): Promise<void> {
  const pending = await readPending(host);
  if (pending === undefined) return;
  throw new VllmdError(
    'conflict',
    `nothing was changed: generation ${pending.generation} still waits for its confirmation`,
    'run `sudo vllmd confirm` to keep it, or `sudo vllmd rollback` to take it back',
  );
}

/** Throws where there would be nothing to go back to. */
export async function mustBeKept(host: HostReader, generation: number): Promise<void> {
  if (generation === 0 || (await readGeneration(host, generation)) !== undefined) return;
  throw new VllmdError(
    'usage',
    `nothing was changed: generation ${generation}, which is in place, is not kept: it could not be gone back to`,
    'install without --confirm-within once',
  );
}

function parsePending(text: string): Pending | undefined {
  try {
    const data: unknown = JSON.parse(text);
    return isPending(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

function isPending(data: unknown): data is Pending {
  if (typeof data !== 'object' || data === null) return false;
  const { generation, rollbackTo, deadline } = data as Partial<Record<string, unknown>>;
  return [generation, rollbackTo, deadline].every((value) => Number.isInteger(value));
}

/** Keeps what is there. The timer goes last: until then the rollback would find nothing to do. */
export async function disarm(host: Host): Promise<void> {
  await removeIfThere(host, host.layer.record.confirm);
  await stopTimer(host);
}

async function stopTimer(host: Host): Promise<void> {
  await host.run(['systemctl', 'stop', `${UNIT}.timer`], TIMEOUT_MS);
}
