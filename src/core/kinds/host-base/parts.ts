import type { Artefact } from '../../render/artefact.ts';
import { renderTemplate, type TemplateName } from '../../render/templates.ts';
import { LIBEXEC_DIR, UNIT_DIR } from '../../resolve/layout.ts';
import { file } from '../kind.ts';

export const shared = { group: 'shared', source: '' } as const;

export function unit(name: TemplateName, view: object): Artefact {
  return file(`${UNIT_DIR}/${name}`, renderTemplate(name, view), { kind: 'unit', ...shared });
}

type ScriptName = TemplateName extends infer Name
  ? Name extends `libexec/${infer Script}`
    ? Script
    : never
  : never;

/** A helper script that units call. */
export function libexec(name: ScriptName): Artefact {
  return file(`${LIBEXEC_DIR}/${name}`, renderTemplate(`libexec/${name}`, {}), {
    kind: 'script',
    mode: 0o755,
    ...shared,
  });
}
