import { inventoryOfHost } from '../../hive/inventory/inventory-of-host.ts';
import type { Artefact } from '../../render/artefact.ts';
import type { Desired } from '../../resolve/desired.ts';
import { HIVE_AGENT_ENV, HIVE_AGENT_UNIT, HIVE_INVENTORY, UNIT_DIR } from '../../resolve/layout.ts';
import { file, type RenderContext, rendered } from '../kind.ts';
import { shared } from './parts.ts';

const at = { group: 'shared', source: '/hive' } as const;

/** What tells the registry what this host serves, where the config names one. */
export function hiveAgentFiles(desired: Desired, { llama }: RenderContext): readonly Artefact[] {
  const { hive } = desired;
  if (hive.url === '') return [];
  return [
    rendered(HIVE_AGENT_ENV, 'hive-agent.env', hive, { kind: 'env', ...at }),
    file(HIVE_INVENTORY, inventoryText(desired, llama), { kind: 'host', ...at }),
    rendered(`${UNIT_DIR}/${HIVE_AGENT_UNIT}`, 'vllmd-hive-agent.service', hive, {
      kind: 'unit',
      ...at,
    }),
    {
      type: 'link',
      path: `${UNIT_DIR}/multi-user.target.wants/${HIVE_AGENT_UNIT}`,
      target: `../${HIVE_AGENT_UNIT}`,
      unit: HIVE_AGENT_UNIT,
      ...shared,
    },
  ];
}

function inventoryText(desired: Desired, llama: RenderContext['llama']): string {
  return `${JSON.stringify(inventoryOfHost(desired, llama).inventory, null, 2)}\n`;
}
