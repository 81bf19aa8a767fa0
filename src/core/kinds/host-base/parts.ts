import type { Artefact } from '../../render/artefact.ts';
import type { TemplateName } from '../../render/templates.ts';
import { LIBEXEC_DIR, UNIT_DIR } from '../../resolve/layout.ts';
import { rendered } from '../kind.ts';

export const shared = { group: 'shared', source: '' } as const;

export function unit(name: TemplateName, view: object): Artefact {
  return rendered(`${UNIT_DIR}/${name}`, name, view, { kind: 'unit', ...shared });
}

type ScriptName = TemplateName extends infer Name
  ? Name extends `libexec/${infer Script}`
    ? Script
    : never
  : never;

/** A helper script that units call. */
export function libexec(name: ScriptName): Artefact {
  return rendered(
    `${LIBEXEC_DIR}/${name}`,
    `libexec/${name}`,
    {},
    {
      kind: 'script',
      mode: 0o755,
      ...shared,
    },
  );
}
