import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bundle = fileURLToPath(new URL('../../dist/vllmd.mjs', import.meta.url));
const perHost = 100;

/** A registry as it is built that has its files in `folder`; `started` gets its process at once. */
export async function startRouter(folder, started) {
  const control = {
    server: { host: '127.0.0.1', port: 0 },
    storage: { sqlite_path: ':memory:' },
    // Nobody sends heartbeats here.
    routing: { health_stale_after_s: 86_400 },
  };
  const file = join(folder, 'control.yaml');
  writeFileSync(file, JSON.stringify(control), { mode: 0o600 });
  const stdio = ['ignore', 'ignore', 'pipe'];
  const child = spawn(process.execPath, [bundle, 'hive', 'serve', '--config', file], { stdio });
  started(child);
  return { url: await listening(child), pid: child.pid };
}

function listening(child) {
  let said = '';
  return new Promise((done, fail) => {
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      said += chunk;
      const [, url] = /^listening on (http:\S+)$/m.exec(said) ?? [];
      if (url !== undefined) done(url);
    });
    child.on('exit', (code) => fail(new Error(`the router has ended with ${code}: ${said}`)));
  });
}

/** The one that requests for `m` go to. */
export function registerFirst(url, endpoint) {
  return register(url, 'first', [service('first/m', 'm', endpoint)]);
}

/** So many more, for other models. */
export async function registerMany(url, endpoint, count) {
  for (let at = 0; at < count; at += perHost) {
    const numbers = Array.from({ length: Math.min(perHost, count - at) }, (_, more) => at + more);
    const name = (number) => `h${at}/support-${number}`;
    const services = numbers.map((number) => service(name(number), `model-${number}`, endpoint));
    await register(url, `h${at}`, services);
  }
}

function service(id, model, endpoint) {
  return {
    ...{ service_id: id, host_id: '', kind: 'chat', endpoint, state: { health: 'healthy' } },
    assets: [{ asset_id: model, loaded: true }],
    observed: { p50_latency_ms: 900, tokens_per_sec: 20 },
  };
}

async function register(url, host, services) {
  const body = JSON.stringify({ host_id: host, address: '127.0.0.1', services });
  const response = await fetch(`${url}/v1/nodes/register`, { method: 'POST', body });
  if (!response.ok) throw new Error(`register: ${response.status} ${await response.text()}`);
}
