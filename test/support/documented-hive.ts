import { readText } from './doc-lines.ts';
import type { Trial } from './documented.ts';
import { type Simulation, simulatedHost } from './systemd.ts';

const role = '{role_id: mentor, operation: chat, modality: text}';

/** What an operator has written before the registry starts. */
async function withDocuments(): Promise<Simulation> {
  const files = {
    '/control.yaml':
      'server:\n  port: 0\nstorage:\n  sqlite_path: ":memory:"\nroles_path: /roles.yaml\n',
    '/roles.yaml': `roles:\n  - ${role}\n`,
    '/host.yaml': readText('fixtures/hive-documents/host.yaml'),
  };
  return simulatedHost({ description: { files } });
}

/** The lines about the registry, as `trials` has them. */
export const hiveTrials: Readonly<Record<string, Trial>> = {
  'vllmd hive serve --config control.yaml': {
    on: withDocuments,
    says: /^listening on http:\/\/127\.0\.0\.1:\d+$/m,
  },
  'vllmd hive validate control.yaml roles.yaml': {
    on: withDocuments,
    says: /^control\.yaml: valid, control\nroles\.yaml: valid, roles$/m,
  },
  'vllmd hive validate --type host host.yaml': {
    on: withDocuments,
    says: /^host\.yaml: valid, host$/m,
  },
};
