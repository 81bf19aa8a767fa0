import { codeBlocks, readText } from './doc-lines.ts';
import type { Trial } from './documented.ts';
import { type Simulation, simulatedHost } from './systemd.ts';

const [file = '', gpu1 = ''] = codeBlocks(readText('docs/fleet.md'))
  .filter(({ language }) => language === 'json')
  .map(({ body }) => body);
const FILE = '/runtimes.json';
const env = { VLLMD_RUNTIMES: FILE, XDG_STATE_HOME: '/nowhere', PATH: process.env['PATH'] ?? '' };

type Document = { readonly hosts: readonly object[]; readonly models: readonly object[] };

/** The file of docs/fleet.md as it is at its end. The second host is this one too: no test asks another machine. */
function withPage(more: (text: string) => string = (text) => text): Simulation {
  const document: Document = JSON.parse(file);
  const [model] = document.models;
  const there = { ...JSON.parse(gpu1), transport: 'local', connection: {} };
  const whole = {
    ...document,
    hosts: [...document.hosts, there].map((host) => ({ ...host, health: { check_cmd: 'true' } })),
    models: [...document.models, { ...model, id: 'coder' }],
  };
  const text = more(JSON.stringify(whole, undefined, 2));
  const files = {
    [FILE]: { text, mode: 0o600 },
    '/gpu1.json': gpu1,
    '/dev/stdin': '{"connection": {"password": "not-a-real-one"}}',
    '/llama.toml': '[instance.coder.server]\nmodel = "/srv/models/coder.gguf"\nport = 8080\n',
  };
  return simulatedHost({ description: { files } });
}

const paged = async () => withPage();
/** Nothing is started here: test/fleet-docs.test.ts does. */
const off = async () => withPage((text) => text.replaceAll('"enabled": true', '"enabled": false'));
const spare = async () => withPage((text) => text.replaceAll('"cpu"', '"spare"'));
const notSelected = { on: off, env, code: 6, says: /^Plan failed: Model not found or disabled: / };

/** The lines of docs/fleet.md, as `trials` has them. */
export const fleetTrials: Readonly<Record<string, Trial>> = {
  'vllmd hosts validate': { on: paged, env, says: /^\/runtimes\.json is valid\.$/m },
  'vllmd hosts test here': { on: paged, env, says: /^\[here\] OK \(exit=0\)$/m },
  'vllmd hosts test gpu1': { on: paged, env, says: /^\[gpu1\] OK \(exit=0\)$/m },
  // Port 1 has nobody behind it.
  'vllmd models test small': {
    on: async () => withPage((text) => text.replaceAll('8080', '1')),
    env,
    code: 4,
    says: /^\[small\] host=here FAIL \(exit=7\)$/m,
  },
  'vllmd models doctor small': {
    on: async () => withPage((text) => text.replaceAll('"llama-server', '"no-such-llama-server')),
    env,
    code: 4,
    says: /^here +program +problem +no-such-llama-server is not there/m,
  },
  'vllmd hosts doctor gpu1': {
    on: async () => withPage((text) => text.replaceAll('"llama-server', '"no-such-llama-server')),
    env,
    code: 4,
    says: /^gpu1 +program +problem +no-such-llama-server is not there/m,
  },
  'vllmd select --model small --dry-run --verbose': {
    on: paged,
    env,
    says: /^ {6}\$ llama-server --model '\/srv\/models\/small\.gguf' --host '127\.0\.0\.1'/m,
  },
  'vllmd select --model small': notSelected,
  'vllmd select --model small --host here': notSelected,
  'vllmd select --model large': notSelected,
  'vllmd select --model large --host gpu1': notSelected,
  'vllmd models edit small --source /srv/models/missing.gguf': {
    on: paged,
    env,
    says: /: model small changed: source$/m,
  },
  'vllmd models edit small --source /srv/models/small.gguf': {
    on: async () => withPage((text) => text.replaceAll('small.gguf', 'missing.gguf')),
    env,
    says: /: model small changed: source$/m,
  },
  'vllmd hosts edit gpu1 --json-from -': {
    on: paged,
    env,
    says: /: host gpu1 changed: connection\.password$/m,
    after: [`vllmd hosts show gpu1 --file ${FILE}`, /^connection\.password +\[REDACTED\]$/m],
  },
  'vllmd hosts show gpu1': { on: paged, env, says: /^display_name +GPU server$/m },
  'vllmd backends add --id spare --type cpu --hosts gpu1 --verify-cmd nproc': {
    on: paged,
    env,
    says: /: backend spare added$/m,
  },
  'vllmd backends remove spare --yes': {
    on: spare,
    env,
    says: /: backend spare removed$/m,
  },
  'vllmd models edit large --port 8082': {
    on: paged,
    env,
    says: /: model large changed: runtime_defaults\.port$/m,
  },
  'vllmd hosts add --from-vllmd --config llama.toml --ssh ops@10.0.0.12 --sudo': {
    on: async () => withPage((text) => text.replaceAll('coder', 'other')),
    env,
    says: /: host 10-0-0-12 added\n.*: backend 10-0-0-12-units added\n.*: model coder added$/m,
  },
  'vllmd models show coder': { on: paged, env, says: /^id +coder$/m },
  [`vllmd models edit large --probe-cmd 'curl -sf "http://{host}:{port}/health"'`]: {
    on: paged,
    env,
    code: 3,
    says: /\{host\} stands in double quotes/,
  },
};
