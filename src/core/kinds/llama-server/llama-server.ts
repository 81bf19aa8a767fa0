import type { LlamaInstance } from '../../llama/instance.ts';
import { type Artefact, ROOT } from '../../render/artefact.ts';
import { withParents } from '../../render/parents.ts';
import {
  ETC_DIR,
  LIBEXEC_DIR,
  LLAMA_ETC_DIR,
  LLAMA_RECOVER_UNIT,
  LLAMA_TARGET_UNIT,
  UNIT_DIR,
} from '../../resolve/layout.ts';
import { instanceKey, memberDropIn, memberLink, memberUnit } from '../../resolve/member.ts';
import { libexec, shared, unit } from '../host-base/parts.ts';
import { rendered } from '../kind.ts';
import { hostPlace } from './place.ts';
import { type LlamaContext, llamaView } from './view.ts';

/** All that lies on a host for these instances, sorted by path. The same input gives the same bytes. */
export function renderLlama(
  instances: readonly LlamaInstance[],
  context: LlamaContext,
): readonly Artefact[] {
  if (instances.length === 0) return [];
  const artefacts = [...base(), ...instances.flatMap((instance) => own(instance, context))];
  return withParents(artefacts).toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Of no instance alone, whichever comes first. */
const WANTS_DIR = `${UNIT_DIR}/${LLAMA_TARGET_UNIT}.wants`;

function base(): readonly Artefact[] {
  return [
    ...[ETC_DIR, LIBEXEC_DIR, LLAMA_ETC_DIR, WANTS_DIR].map((path) => ({
      ...{ type: 'directory' as const, path, mode: 0o755, owner: ROOT, ...shared },
    })),
    libexec('llama-health'),
    libexec('llama-log'),
    unit('vllmd-llama.slice', {}),
    unit('vllmd-llama.target', {}),
    unit('vllmd-llama@.service', hostPlace),
    unit('vllmd-llama-devices.service', {}),
    unit('vllmd-llama-recover.service', {}),
    ...[LLAMA_TARGET_UNIT, LLAMA_RECOVER_UNIT].map((name) => ({
      type: 'link' as const,
      path: `${UNIT_DIR}/multi-user.target.wants/${name}`,
      target: `../${name}`,
      unit: name,
      ...shared,
    })),
  ];
}

function own(instance: LlamaInstance, context: LlamaContext): readonly Artefact[] {
  const { name, source } = instance;
  const group = instanceKey(name);
  const view = llamaView(instance, context);
  const environment = { kind: 'env', group, source } as const;
  return [
    rendered(`${LLAMA_ETC_DIR}/${name}.env`, 'llama.env', view, environment),
    ...(view.hasSecrets
      ? [
          rendered(`${LLAMA_ETC_DIR}/${name}.secrets`, 'llama.secrets.env', view, {
            ...{ ...environment, mode: 0o600, sensitive: true },
          }),
        ]
      : []),
    rendered(memberDropIn(group), 'vllmd-llama.conf', view, { kind: 'dropin', group, source }),
    {
      type: 'link',
      path: memberLink(group),
      target: '../vllmd-llama@.service',
      unit: memberUnit(group),
      group,
      source,
    },
  ];
}
