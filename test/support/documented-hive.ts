import { readText } from './doc-lines.ts';
import type { Trial } from './documented.ts';
import { answering, service, testHive } from './hive-server.ts';
import { type Simulation, simulatedHost } from './systemd.ts';

const role = '{role_id: mentor, operation: chat, modality: text}';

/** What an operator has written before the registry starts. */
async function withDocuments(): Promise<Simulation> {
  const files = {
    '/control.yaml':
      'server:\n  port: 0\nstorage:\n  sqlite_path: ":memory:"\nroles_path: /roles.yaml\n',
    '/roles.yaml': `roles:\n  - ${role}\n`,
    '/client.key': 'a-key',
    '/host.yaml': readText('fixtures/hive-documents/host.yaml'),
    '/inventory.yaml':
      'host:\n  host_id: atlas\nservices:\n  - {name: small, kind: chat, port: 9}\n',
    '/llama.toml': '[instance.small.server]\nmodel = "/m.gguf"\nhost = "127.0.0.1"\nport = 9\n',
    '/node.key': { text: 'n0de', mode: 0o600 },
    '/report.yaml': readText('fixtures/hive-documents/benchmark-report.yaml'),
  };
  return simulatedHost({ description: { files } });
}

const ANSWER = JSON.stringify({ choices: [{ message: { role: 'assistant', content: 'hello' } }] });

/** What is asked of a registry that runs, with one role and one service. */
function ofRegistry(says: RegExp, more: Partial<Trial> & { readonly id?: string } = {}): Trial {
  const { id: serviceId = 'h1/chat/m', ...rest } = more;
  const env: Record<string, string> = {};
  const on = async () => {
    const description = 'answers support questions';
    const written = { operation: 'chat', modality: 'text' };
    const roles = [
      { role_id: 'mentor', description, ...written },
      { role_id: 'writer', ...written },
    ];
    const hive = await testHive({ roles });
    const url = await answering((_request, response) => response.end(ANSWER));
    await hive.register([service(serviceId, url)]);
    env['VLLMD_HIVE_URL'] = hive.url;
    return withDocuments();
  };
  return { env, on, says, ...rest };
}

/** What vllmd has been told to run. */
async function withConfigs(): Promise<Simulation> {
  const server = 'model = "/m.gguf"\nhost = "0.0.0.0"\nport = 8080\nalias = "small"\n';
  const files = {
    '/vllmd.toml': 'schema_version = 2\n[global]\nuser = "vllm"\n',
    '/llama.toml': `[instance.small.server]\n${server}`,
    '/proc/sys/kernel/hostname': 'atlas\n',
  };
  return simulatedHost({ description: { files } });
}

/** A file with all documents, as the line before writes it. */
async function withExported(): Promise<Simulation> {
  const asset = 'asset_id: small\n  operation: chat\n  locator: {kind: path, value: /m.gguf}\n';
  const host = readText('fixtures/hive-documents/host.yaml');
  const service = readText('fixtures/hive-documents/service.yaml');
  const text = [host, service, `asset:\n  ${asset}`].join('---\n');
  return simulatedHost({ description: { files: { '/atlas.yaml': text } } });
}

function drains(word: string): Trial {
  return ofRegistry(new RegExp(`^atlas/chat/small: ${word}$`, 'm'), { id: 'atlas/chat/small' });
}

/** Nothing listens there, which it may come to say before it is ended. */
const untilItEnds = /^(?:not reported: \S.*\n)?$/;

/** The lines about the registry, as `trials` has them. */
export const hiveTrials: Readonly<Record<string, Trial>> = {
  'vllmd hive serve --config control.yaml': {
    on: withDocuments,
    says: /^listening on http:\/\/127\.0\.0\.1:\d+$/m,
  },
  'vllmd hive export --config vllmd.toml --llama llama.toml': {
    on: withConfigs,
    says: /^ {2}endpoint: http:\/\/atlas:8080$/m,
  },
  'vllmd hive export -c llama.toml --host-id atlas --address 10.0.0.11': {
    on: withConfigs,
    says: /^ {2}endpoint: http:\/\/10\.0\.0\.11:8080$/m,
  },
  'vllmd hive export --config llama.toml --host-id atlas --address 10.0.0.11': {
    on: withConfigs,
    says: /^asset:\n {2}asset_id: small$/m,
  },
  'vllmd hive validate atlas.yaml': {
    on: withExported,
    says: /^atlas\.yaml: valid, 3 documents$/m,
  },
  'vllmd hive validate control.yaml roles.yaml': {
    on: withDocuments,
    says: /^control\.yaml: valid, control\nroles\.yaml: valid, roles$/m,
  },
  'vllmd hive validate --type host host.yaml': {
    on: withDocuments,
    says: /^host\.yaml: valid, host$/m,
  },
  'vllmd hive agent --inventory inventory.yaml': { on: withDocuments, says: untilItEnds },
  'vllmd hive agent --inventory inventory.yaml --once': ofRegistry(
    /^agent of atlas: 1 service, registered at http:\S+\natlas\/chat\/small: unhealthy: \/health: /m,
  ),
  'vllmd hive agent --llama llama.toml --once': ofRegistry(
    /^agent of \S+: 1 service, registered at http:\S+\n\S+\/chat\/small: unhealthy: \/health: /m,
  ),
  // test/hive-docs.test.ts has it find a server.
  'vllmd hive agent --inventory inventory.yaml --key-file node.key': {
    on: withDocuments,
    says: untilItEnds,
  },
  'vllmd hive drain atlas/chat/small': drains('draining'),
  'vllmd hive drain atlas/chat/small --key-file node.key': drains('draining'),
  'vllmd hive drain atlas/chat/small --undo': drains('as its host says'),
  'vllmd hive drain atlas/chat/small --undo --key-file node.key': drains('as its host says'),
  "vllmd hive match --task 'answer support questions' --kind chat": ofRegistry(
    /^1 +0\.\d{4} +role +mentor +chat +h1\/chat\/m /m,
  ),
  'vllmd hive match --task summarize --no-direct --json': ofRegistry(/"candidate_id": "mentor",/),
  'vllmd hive bench run mentor --output measured.yaml': ofRegistry(/^measured\.yaml: written$/m, {
    writes: '/measured.yaml',
  }),
  'vllmd hive bench run writer --key-file client.key --ingest': ofRegistry(/^2 samples stored$/m),
  'vllmd hive bench convert report.yaml': {
    on: withDocuments,
    says: /"benchmark_id": "bench_43443b18c252dbcc",/,
  },
  'vllmd hive bench ingest report.yaml': ofRegistry(/^1 sample stored$/m),
};
