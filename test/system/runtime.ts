import type { RuntimeProcess } from '../../src/core/fleet/active-record.ts';
import { localTransport } from '../../src/host/fleet/local-transport.ts';
import {
  logTail,
  lookAt,
  startRuntime,
  stopRuntime,
} from '../../src/host/fleet/runtime-process.ts';

/**
 * `start COMMAND GRACE_MS`, or `look`, `stop` and `tail` of the process that this has told, as JSON; bundled for the
 * containers. A secret of its environment is what the caller's SECRET is.
 */
async function main([action = '', text = '', grace = '0']: readonly string[]): Promise<unknown> {
  const transport = localTransport(process.env);
  if (action === 'start') {
    const env = { API_KEY: process.env['SECRET'] ?? '' };
    const request = { command: text, env, modelId: 'model', hostId: 'host' };
    return startRuntime(transport, { ...request, graceMs: Number(grace), timeoutMs: 30_000 });
  }
  const started: RuntimeProcess = JSON.parse(text);
  if (action === 'look') return lookAt(transport, started);
  if (action === 'stop') return stopRuntime(transport, started);
  if (action === 'tail') return logTail(transport, started, 20);
  throw new Error(`${action}: start, look, stop or tail`);
}

void main(process.argv.slice(2)).then((answer) => {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
