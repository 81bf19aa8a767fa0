import type { Artefact } from '../../render/artefact.ts';
import type { Desired } from '../../resolve/desired.ts';
import { RECOVER_UNIT, UNIT_DIR } from '../../resolve/layout.ts';
import { shared, unit } from './parts.ts';

/** What a boot undoes or finishes before it starts any VM. */
export function recoverFiles({ configDir, stateDir }: Desired): readonly Artefact[] {
  return [
    unit(RECOVER_UNIT, { configDir, stateDir }),
    {
      type: 'link',
      path: `${UNIT_DIR}/multi-user.target.wants/${RECOVER_UNIT}`,
      target: `../${RECOVER_UNIT}`,
      unit: RECOVER_UNIT,
      ...shared,
    },
  ];
}
