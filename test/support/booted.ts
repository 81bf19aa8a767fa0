import { sha256 } from '../../src/core/plan/digest.ts';
import type { Entry } from '../../src/core/plan/observed.ts';
import { findDropIns, textOf } from './unit-files.ts';

type Entries = ReadonlyMap<string, Entry>;

/** What the script `booted` would write for a runtime that starts from the files as they are. */
export function bootedText(entries: Entries, index: string): string {
  const unit = `vllmd-runtime@${index}.service`;
  const env = `/etc/vllmd/runtime-${index}.env`;
  const paths = [
    '/etc/systemd/system/vllmd-runtime@.service',
    ...findDropIns(entries, unit).filter((path) => !path.endsWith('/20-vllmd-devices.conf')),
    env,
    variable(textOf(entries, env), 'VLLMD_RUNTIME_VM_DEFINITION'),
  ];
  const parts = paths.map((path) => {
    const text = textOf(entries, path);
    return `== ${Buffer.byteLength(text)} ${path}\n${text}\n`;
  });
  const seed = `${variable(textOf(entries, env), 'VLLMD_RUNTIME_DIR')}/cloud-init/vendor-data`;
  const digest = entries.has(seed) ? [`== 64 ${seed}\n${sha256(textOf(entries, seed))}\n`] : [];
  return `vllmd-booted 1\n${[...parts, ...digest].join('')}`;
}

export function variable(env: string, name: string): string {
  return new RegExp(`^${name}=(.*)$`, 'm').exec(env)?.[1] ?? '';
}
