import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { tinyModel } from '../support/gguf.ts';
import { startHive } from '../support/hive.ts';
import { until } from '../support/hive-agent.ts';
import { realLlamaServer, serve } from '../support/llama-server.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/vllmd.mjs', import.meta.url));
const real = realLlamaServer();
const chat = { model: 'r', messages: [{ role: 'user', content: 'hello' }], max_tokens: 8 };

/** The program as a unit runs it. */
function startAgent(argv: readonly string[], cwd: string, env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [PROGRAM, 'hive', 'agent', ...argv], {
    ...{ cwd, env: { PATH: process.env['PATH'], ...env } },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, ended, said: () => text };
}

test.skipIf(real.isMissing)(
  'the agent follows a real llama-server from its first answer to its end',
  async () => {
    const auth = { client_api_keys: ['c1ient'], node_api_keys: ['n0de'] };
    const role = { role_id: 'r', operation: 'chat', modality: 'text' };
    const hive = await startHive({ auth, storage: { sqlite_path: ':memory:' } }, [role]);
    onTestFinished(async () => {
      await hive.stop();
      rmSync(hive.folder, { recursive: true });
    });
    writeFileSync(`${hive.folder}/tiny.gguf`, tinyModel());
    const flags = ['--model', `${hive.folder}/tiny.gguf`, '--alias', 'm', '--metrics'];
    const server = await serve(real.path, flags);
    const services = [
      {
        name: 'm',
        kind: 'chat',
        port: Number(new URL(server.url).port),
        assets: [{ asset_id: 'm' }],
      },
    ];
    const inventory = { host: { host_id: 'h1' }, services };
    writeFileSync(`${hive.folder}/inventory.json`, JSON.stringify(inventory));
    const agent = startAgent(
      ['--inventory', 'inventory.json', '--interval', '1', '--url', hive.url],
      hive.folder,
      { VLLMD_HIVE_NODE_KEY: 'n0de' },
    );
    const ask = () =>
      fetch(`${hive.url}/v1/chat/completions`, {
        ...{ method: 'POST', body: JSON.stringify(chat), headers: { 'x-api-key': 'c1ient' } },
      });
    await until(() => agent.said().includes('h1/chat/m: healthy\n'));
    const response = await ask();
    expect(response.status).toBe(200);
    expect(response.headers.get('x-geniehive-service')).toBe('h1/chat/m');
    // The server has generated tokens since, and the next round sees at which rate.
    await until(async () => {
      const services = await fetch(`${hive.url}/v1/cluster/services`, {
        headers: { 'x-api-key': 'c1ient' },
      });
      return /"tokens_per_sec":\d/.test(await services.text());
    });
    await server.stop('SIGKILL');
    await until(() => agent.said().includes('h1/chat/m: unhealthy: /health: '));
    expect((await ask()).status).toBe(503);
    agent.child.kill('SIGTERM');
    expect(await agent.ended).toBe(0);
    expect(agent.said()).not.toContain('n0de');
  },
);
