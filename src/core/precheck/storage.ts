import { payloadFiles } from '../kinds/runtime-vm/view-model.ts';
import { gib } from '../preflight/check.ts';
import type { Check } from './check.ts';
import { hasFinding, type PrecheckView } from './view.ts';

/** Firmware, images and the room for disks. What a config lacks of it is said by preflight. */
export function storageChecks(view: PrecheckView): readonly Check[] {
  return [...files(view), ...room(view)];
}

function files({ desired, facts }: PrecheckView): readonly Check[] {
  const all = desired.runtimes.flatMap(({ payload, baseImage }) => [
    ...payloadFiles(payload),
    baseImage,
  ]);
  const there = [...new Set(all)].filter((path) => !facts.missing.includes(path));
  if (there.length === 0) return [];
  const message = `there: ${there.join(', ')}`;
  return [{ id: 'file-present', subsystem: 'storage', verdict: 'pass', message }];
}

function room(view: PrecheckView): readonly Check[] {
  const free = view.facts.stateDirFreeBytes;
  const isAsked = view.config.kind === 'valid';
  const isSaid = isAsked && hasFinding(view, 'disk-space', 'disk-overcommitted');
  if (free === undefined || isSaid) return [];
  const base = { id: 'disk-space', subsystem: 'storage' } as const;
  const gigabytes = gib(Math.floor(free / 2 ** 30) * 2 ** 30);
  const [runtime] = view.desired.runtimes;
  const where = `${isAsked ? '' : 'disks in their default place, '}${view.desired.stateDir}`;
  if (isAsked || runtime === undefined || free >= runtime.diskBytes) {
    return [{ ...base, verdict: 'pass', message: `${gigabytes} free for ${where}` }];
  }
  const message = `${gigabytes} free for ${where}; one disk may grow to ${gib(runtime.diskBytes)} unless disk_gb says otherwise`;
  const remedy = ['make room, or name a larger filesystem with global.state_dir'];
  return [{ ...base, verdict: 'warn', message, remedy }];
}
