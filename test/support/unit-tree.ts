import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Artefact } from '../../src/core/render/artefact.ts';
import { memberUnit } from '../../src/core/resolve/member.ts';

/** The artefacts on disk, with stubs of every program and of the units of systemd that ours name. */
export function tree(root: string, artefacts: readonly Artefact[]): string {
  writeArtefacts(root, artefacts);
  writeStubs(root);
  return root;
}

export function writeArtefacts(root: string, artefacts: readonly Artefact[]): void {
  for (const artefact of artefacts) {
    const path = root + artefact.path;
    mkdirSync(artefact.type === 'directory' ? path : dirname(path), { recursive: true });
    if (artefact.type === 'link') symlinkSync(artefact.target, path);
    if (artefact.type === 'file') {
      writeFileSync(path, artefact.text);
      chmodSync(path, artefact.mode);
    }
  }
}

export function writeStubs(root: string): void {
  for (const program of [
    '/usr/bin/cloud-hypervisor',
    '/usr/bin/ch-remote',
    '/usr/bin/flock',
    '/usr/bin/timeout',
    '/usr/bin/tail',
    '/usr/bin/touch',
    '/usr/bin/nvidia-modprobe',
    '/usr/local/bin/llama-server',
    '/usr/bin/setpriv',
    '/usr/local/bin/vllmd',
    '/bin/sh',
    '/bin/rm',
  ]) {
    mkdirSync(dirname(root + program), { recursive: true });
    writeFileSync(root + program, '#!/bin/sh\n');
    chmodSync(root + program, 0o755);
  }
  cpSync('/lib/systemd/system', `${root}/usr/lib/systemd/system`, {
    recursive: true,
    filter: (source) => !source.includes('.wants') && !source.includes('.d/'),
    verbatimSymlinks: true,
  });
}

/** What prepares a VM has no drop-in of this kind. */
function unitsOf(group: Artefact['group']): readonly string[] {
  if (group === 'shared') return [];
  const unit = memberUnit(group);
  return typeof group === 'number' ? [unit, unit.replace('@', '-pre-start@')] : [unit];
}

export function unitNames(artefacts: readonly Artefact[]): readonly string[] {
  const instances = artefacts.flatMap((artefact) => {
    if (artefact.type !== 'file') return [];
    if (artefact.kind === 'dropin') return unitsOf(artefact.group);
    const name = artefact.path.slice(artefact.path.lastIndexOf('/') + 1);
    // A colon in a name on this command line is the separator of an alias, so no PCI address can stand here.
    if (name === 'vllmd-vfio@.service') return ['vllmd-vfio@address.service'];
    return artefact.kind === 'unit' && !name.includes('@') && !name.endsWith('.conf') ? [name] : [];
  });
  return [...new Set(instances)];
}
