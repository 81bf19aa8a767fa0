import type { ImageFacts } from './facts.ts';

/** How many bytes `imageFormat` looks at. */
export const IMAGE_HEAD_BYTES = 16;

const magics: readonly (readonly [string, ImageFacts['format']])[] = [
  ['QFI\u00fb', 'qcow2'],
  ['vhdxfile', 'vhdx'],
  ['KDMV', 'vmdk'],
  ['# Disk DescriptorFile'.slice(0, IMAGE_HEAD_BYTES), 'vmdk'],
  ['\u001f\u008b', 'compressed'],
  ['\u00fd7zXZ', 'compressed'],
  ['\u0028\u00b5\u002f\u00fd', 'compressed'],
  ['BZh', 'compressed'],
  ['PK\u0003\u0004', 'compressed'],
];

/** What the first bytes of a disk image say that it is; a raw image has no mark of its own. */
export function imageFormat(head: Uint8Array): ImageFacts['format'] {
  return markOf(head)?.[1] ?? 'raw';
}

/** The bytes that say so; none of a raw image. */
export function formatMark(head: Uint8Array): Uint8Array {
  return head.subarray(0, markOf(head)?.[0].length ?? 0);
}

function markOf(head: Uint8Array): (typeof magics)[number] | undefined {
  const text = String.fromCharCode(...head.subarray(0, IMAGE_HEAD_BYTES));
  return magics.find(([magic]) => text.startsWith(magic));
}
