import { quoted } from '../../config/show-value.ts';
import { flaw, type Part, partRules, parts } from '../make-rule.ts';
import type { FileProbe, VmProbe } from '../probe.ts';
import type { VmRule } from '../rule.ts';
import type { DiskConfig, VmConfig } from '../vm-config.gen.ts';
import { ACCESS_HELP } from './shared-help.ts';

type ImageDisk = DiskConfig & { readonly path: string };

const disk = partRules((vm): readonly Part<ImageDisk>[] => imageDisks(vm));

/** Images as they lie on the host. */
export const diskFileRules: readonly VmRule[] = [
  disk('R-DSK-2', (value, _vm, { probe }) => {
    const fault = accessFault(value, fileOf(value, probe));
    return fault !== undefined && flaw('path', `${quoted(value.path)} ${fault}`, ACCESS_HELP);
  }),
  disk('R-DSK-3', (value, _vm, { probe }) => {
    const found = fileOf(value, probe)?.imageType;
    const { image_type = 'Unknown' } = value;
    return (
      found !== undefined &&
      image_type !== 'Unknown' &&
      image_type !== found &&
      flaw(
        'image_type',
        `${quoted(image_type)}, but ${quoted(value.path)} is ${quoted(found)}`,
        `set it to ${quoted(found)}, or convert the image`,
      )
    );
  }),
  disk(
    'R-DSK-4',
    (value, _vm, { probe }) =>
      fileOf(value, probe)?.isLocked === true &&
      flaw(
        'path',
        `${quoted(value.path)} is locked by another process`,
        'find it with `lsof`; two VMs cannot share a disk',
      ),
  ),
  disk(
    'R-DSK-7',
    (value, _vm, { probe }) =>
      fileOf(value, probe)?.hasBackingFile === true &&
      value.backing_files !== true &&
      flaw(
        'backing_files',
        `not set, but ${quoted(value.path)} refers to a backing file`,
        'set it to true, or merge the images with `qemu-img convert`',
      ),
  ),
];

function imageDisks(vm: VmConfig): readonly Part<ImageDisk>[] {
  return parts('/disks', vm.disks).flatMap(({ at, value }) =>
    value.path === undefined ? [] : [{ at, value: { ...value, path: value.path } }],
  );
}

function fileOf({ path }: ImageDisk, probe: VmProbe): FileProbe | undefined {
  return probe.files?.get(path);
}

function accessFault(disk: ImageDisk, file: FileProbe | undefined): string | undefined {
  if (file === undefined) return undefined;
  if (!file.isThere) return 'does not exist';
  if (!file.isReadable) return 'cannot be read by the account of the VM';
  if (disk.readonly || file.isWritable) return undefined;
  return 'cannot be written by the account of the VM';
}
