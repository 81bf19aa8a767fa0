import { type Diagnostic, errorAt } from '../diagnostic.ts';
import { pastedWord } from '../shell-word.ts';
import { gib, type PreflightInput, warningAt } from './check.ts';

/** What the disks are copied from, and the room for them. */
export function diskChecks(input: PreflightInput): readonly Diagnostic[] {
  return [...imagesRaw(input), ...imagesFit(input), ...roomForCopies(input), ...roomForAll(input)];
}

const conversions: Readonly<Record<string, string>> = {
  compressed: 'unpack it first',
};

function imagesRaw({ facts, desired }: PreflightInput): readonly Diagnostic[] {
  return [...facts.images].flatMap(([path, { format }]) => {
    if (format === 'raw') return [];
    const source = desired.runtimes.find(({ baseImage }) => baseImage === path)?.source ?? '';
    return [
      errorAt(
        'image-raw',
        source,
        `${path} is no raw disk image: its first bytes say ${format}`,
        conversions[format] ??
          `convert it: qemu-img convert -O raw ${pastedWord(path)} ${pastedWord(`${path}.raw`)}`,
      ),
    ];
  });
}

/** A disk grows to its size and never shrinks, so a larger image stays as it is. */
function imagesFit({ desired, facts }: PreflightInput): readonly Diagnostic[] {
  return desired.runtimes.flatMap(({ index, source, baseImage, diskBytes }) => {
    const size = facts.images.get(baseImage)?.sizeBytes ?? 0;
    if (size <= diskBytes) return [];
    return [
      warningAt(
        'image-larger-than-disk',
        source,
        `runtime ${index}: its base image has ${gib(size)}, more than the ${gib(diskBytes)} of disk_gb`,
        'the disk gets the size of the image; raise disk_gb to say so',
      ),
    ];
  });
}

/** An image that fills the filesystem would take the disks of running VMs with it. */
function roomForCopies({ desired, facts }: PreflightInput): readonly Diagnostic[] {
  const free = facts.stateDirFreeBytes;
  const copies = desired.runtimes.filter(({ baseImage }) => facts.images.has(baseImage));
  const needed = copies.reduce(
    (sum, { baseImage }) => sum + (facts.images.get(baseImage)?.allocatedBytes ?? 0),
    0,
  );
  if (free === undefined || needed <= free) return [];
  return [
    errorAt(
      'disk-space',
      '/global/state_dir',
      `${desired.stateDir}: the new disks need ${gib(needed)} now, ${gib(free)} are free`,
      'make room, or name another state_dir; on btrfs and xfs a copy shares the blocks of its image',
    ),
  ];
}

/** Disks are sparse: they take what the guests write. */
function roomForAll({ desired, facts }: PreflightInput): readonly Diagnostic[] {
  const free = facts.stateDirFreeBytes;
  const fresh = desired.runtimes.filter(({ baseImage }) => facts.images.has(baseImage));
  const wanted = fresh.reduce((sum, { diskBytes }) => sum + diskBytes, 0);
  if (free === undefined || wanted <= free) return [];
  return [
    warningAt(
      'disk-overcommitted',
      '/global/state_dir',
      `${desired.stateDir}: the new disks may grow to ${gib(wanted)} together, ${gib(free)} are free`,
      'a guest whose disk cannot grow any more sees write errors: lower disk_gb or make room',
    ),
  ];
}
