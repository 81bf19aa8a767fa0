import type { LlamaInstance } from '../../../llama/instance.ts';
import { octal } from '../../../plan/octal.ts';
import { renderTemplate } from '../../../render/templates.ts';
import { type GuestFile, guestFiles } from './guest-files.ts';

/** What cloud-init does at every boot of a guest, so that it runs these instances and no others. */
export function vendorData(instances: readonly LlamaInstance[]): string {
  return renderTemplate('cloud-init/vendor-data', {
    files: guestFiles(instances).map(asWritten),
    hasGpus: instances.some(({ control }) => control.gpuIds !== 'none'),
  });
}

/** In base64 no text can end its own quotation. */
function asWritten({ path, mode, text }: GuestFile) {
  const lines = Buffer.from(text)
    .toString('base64')
    .match(/.{1,76}/g);
  return { path, mode: octal(mode), lines: lines ?? [] };
}
