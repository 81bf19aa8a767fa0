import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { runAgent } from '../../src/host/hive/agent/run-agent.ts';
import { inventoryOf, testAgent, until } from '../support/hive-agent.ts';
import { answering, testHive } from '../support/hive-server.ts';

type Answers = Readonly<Record<string, { readonly status?: number; readonly body?: unknown }>>;

const metrics = 'llamacpp:requests_processing 1\nllamacpp:predicted_tokens_seconds 30\n';
const usual: Answers = {
  '/health': {},
  '/v1/models': { body: { data: [{ id: 'm', meta: { n_ctx: 512 } }] } },
  '/metrics': { body: metrics },
  '/v1/chat/completions': { body: { choices: [] } },
};

/** A server whose answers a test changes while it runs. */
async function stub() {
  let answers = usual;
  const url = await answering((request, response) => {
    const { status = 200, body = {} } = answers[request.url ?? ''] ?? { status: 404 };
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  const port = Number(new URL(url).port);
  return {
    service: { name: 'a', kind: 'chat', port, assets: [{ asset_id: 'm' }] },
    change: (more: Answers) => {
      answers = { ...usual, ...more };
    },
  };
}

const chat = { model: 'm', messages: [{ role: 'user', content: 'hello' }] };
const asset = {
  ...{ asset_id: 'm', operation: 'chat', family: 'small' },
  locator: { kind: 'path', value: '/m.gguf' },
};

test('the registry knows of a service what the agent has seen, and sends requests there', async () => {
  const hive = await testHive();
  const { service } = await stub();
  const agent = testAgent(hive.url, inventoryOf([service], [asset]));
  await until(() => agent.said().length === 2);
  expect(agent.said()).toEqual([
    `agent of h1: 1 service, registered at ${hive.url}`,
    'h1/chat/a: healthy',
  ]);
  expect(await (await hive.get('/v1/cluster/services')).json()).toMatchObject({
    data: [
      {
        ...{ service_id: 'h1/chat/a', endpoint: `http://127.0.0.1:${service.port}` },
        assets: [{ asset_id: 'm', loaded: true, max_context_tokens: 512 }],
        state: { health: 'healthy', load_state: 'loaded' },
        observed: { tokens_per_sec: 30, in_flight: 1 },
      },
    ],
  });
  expect(await (await hive.get('/v1/cluster/assets')).json()).toMatchObject({
    data: [{ asset_id: 'm', family: 'small' }],
  });
  await until(async () => {
    const { data } = await jsonOf(hive.get('/v1/cluster/health/samples?target_id=h1/chat/a'));
    return Array.isArray(data) && data.length > 2;
  });
  expect((await hive.post('/v1/chat/completions', chat)).status).toBe(200);
});

test('a service that the registry does not take is left out and told of, and the others are served', async () => {
  const hive = await testHive();
  const { service } = await stub();
  const guest = { ...service, name: 'guest', address: '10.77.0.2' };
  const agent = testAgent(hive.url, inventoryOf([guest, service]), { probeTimeoutMs: 1000 });
  await until(() => agent.said().length > 3);
  expect(agent.said().slice(0, 2)).toEqual([
    `agent of h1: 1 service, registered at ${hive.url}`,
    'h1/chat/guest: left out, the registry refuses it: endpoint: Input should be on the address of its host, 127.0.0.1, or in a network of routing.allow_networks',
  ]);
  await until(async () => {
    const { data } = await jsonOf(hive.get('/v1/cluster/health/samples?target_id=h1/chat/a'));
    return Array.isArray(data) && data.length > 2;
  });
  const { data } = await jsonOf(hive.get('/v1/cluster/services'));
  expect(data).toMatchObject([{ service_id: 'h1/chat/a', state: { health: 'healthy' } }]);
});

test('a host none of whose services the registry takes is refused', async () => {
  const hive = await testHive();
  const { service } = await stub();
  const guest = { ...service, address: '10.77.0.2' };
  const agent = testAgent(hive.url, inventoryOf([guest]), { probeTimeoutMs: 50 });
  await expect(agent.ended).rejects.toThrow('body.services.0.endpoint');
});

async function jsonOf(response: Promise<Response>): Promise<Readonly<Record<string, unknown>>> {
  return (await (await response).json()) as Readonly<Record<string, unknown>>;
}

test('a service that is not healthy any more gets no request until it is again', async () => {
  const hive = await testHive();
  const { service, change } = await stub();
  const agent = testAgent(hive.url, inventoryOf([service]));
  const status = async () => (await hive.post('/v1/chat/completions', chat)).status;
  await until(async () => (await status()) === 200);
  change({ '/health': { status: 500 } });
  await until(async () => (await status()) === 503);
  change({});
  await until(async () => (await status()) === 200);
  expect(agent.said()).toEqual([
    `agent of h1: 1 service, registered at ${hive.url}`,
    'h1/chat/a: healthy',
    'h1/chat/a: unhealthy: /health answers 500',
    'h1/chat/a: healthy',
  ]);
});

test('a registry that has forgotten the host gets it again', async () => {
  const hive = await testHive();
  const { service } = await stub();
  const agent = testAgent(hive.url, inventoryOf([service]));
  await until(() => agent.said().length === 2);
  expect((await hive.post('/v1/nodes/deregister', { host_id: 'h1' })).status).toBe(200);
  await until(() => agent.said().length === 3);
  expect(agent.said()[2]).toBe(agent.said()[0]);
});

test('a registry that is away is told once, and found again', async () => {
  const first = await testHive();
  const { service } = await stub();
  const agent = testAgent(first.url, inventoryOf([service]));
  await until(() => agent.said().length === 2);
  await first.drain();
  // While it ends it may answer otherwise first.
  await until(() => /ECONNREFUSED/.test(agent.said().at(-1) ?? ''));
  const before = agent.said().length;
  await testHive({ control: { server: { port: Number(new URL(first.url).port) } } });
  await until(() => agent.said().at(-1) === `reported again to the registry at ${first.url}`);
  expect(agent.said().slice(before - 1)).toEqual([
    expect.stringMatching(
      /^not reported: the registry at \S+ cannot be reached: connect ECONNREFUSED/,
    ),
    `agent of h1: 1 service, registered at ${first.url}`,
    `reported again to the registry at ${first.url}`,
  ]);
});

test('the agent waits for a registry that is not there yet, and has its own address from the way there', async () => {
  const first = await testHive();
  await first.drain();
  const agent = testAgent(first.url, inventoryOf([], [], {}), { hostId: 'h9' });
  await until(() => agent.said().length === 1);
  expect(agent.said()[0]).toMatch(/^not reported: .* ECONNREFUSED/);
  const second = await testHive({
    control: { server: { port: Number(new URL(first.url).port) } },
  });
  await until(() => agent.said().length === 3);
  expect(await jsonOf(second.get('/v1/cluster/hosts'))).toMatchObject({
    data: [{ host_id: 'h9', address: '127.0.0.1' }],
  });
});

test('a host that has another address behind a failure is registered with it', async () => {
  const hive = await testHive();
  let address = '10.0.0.1';
  const agent = testAgent(hive.url, inventoryOf([], [], {}), {
    hostId: 'h1',
    addressTo: async () => address,
  });
  const registered = async () => (await jsonOf(hive.get('/v1/cluster/hosts')))['data'];
  await until(() => agent.said().length === 1);
  address = '10.0.0.2';
  // The registry forgets the host, as one that was made anew.
  await hive.post('/v1/nodes/deregister', { host_id: 'h1' });
  await until(async () => JSON.stringify(await registered()).includes('"10.0.0.2"'));
});

/** A registry that answers with whatever status a test wants. */
async function registryOf(first: number) {
  let status = first;
  const url = await answering((_request, response) => response.writeHead(status).end('{}'));
  return {
    url,
    answers: (next: number) => {
      status = next;
    },
  };
}

test.each([401, 403, 409, 422])('status %i for the first registration ends it', async (status) => {
  const { url } = await registryOf(status);
  await expect(testAgent(url, inventoryOf([])).ended).rejects.toMatchObject({ status });
});

test('refusals later are told once each, and do not end it', async () => {
  const { url, answers } = await registryOf(200);
  const agent = testAgent(url, inventoryOf([]));
  await until(() => agent.said().length === 1);
  for (const status of [401, 422, 500]) {
    const before = agent.said().length;
    answers(status);
    await until(() => agent.said().length > before);
  }
  answers(200);
  await until(() => agent.said().length === 6);
  expect(agent.said()).toEqual([
    `agent of h1: 0 services, registered at ${url}`,
    `not reported: the registry at ${url} asks for a key`,
    `not reported: the registry at ${url} refuses what it was sent`,
    `not reported: the registry at ${url} answers with status 500`,
    `agent of h1: 0 services, registered at ${url}`,
    `reported again to the registry at ${url}`,
  ]);
});

test('a registry that is in trouble at the beginning does not end it', async () => {
  const { url, answers } = await registryOf(503);
  const agent = testAgent(url, inventoryOf([]));
  await until(() => agent.said().length === 1);
  answers(200);
  await until(() => agent.said().length === 3);
  expect(agent.said()[1]).toBe(`agent of h1: 0 services, registered at ${url}`);
});

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** What is said of a service with this server, first. */
async function saidOf(listener: Listener, probeTimeoutMs?: number): Promise<string | undefined> {
  const hive = await testHive();
  const url = await answering(listener);
  const service = { name: 'a', kind: 'chat', port: Number(new URL(url).port) };
  const agent = testAgent(hive.url, inventoryOf([service]), {
    ...(probeTimeoutMs === undefined ? {} : { probeTimeoutMs }),
  });
  await until(() => agent.said().length >= 2);
  return agent.said()[1];
}

test('a service that does not answer in time is unhealthy', async () => {
  expect(await saidOf(() => undefined, 50)).toBe(
    'h1/chat/a: unhealthy: /health: no answer within 0.05 s',
  );
});

test('an answer without an end is not read for ever', async () => {
  const chunk = 'x'.repeat(2 ** 20);
  const endless: Listener = ({ url }, response) => {
    if (url !== '/metrics') return void response.end('{}');
    const more = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', more);
    more();
  };
  expect(await saidOf(endless)).toBe('h1/chat/a: healthy');
});

test('an answer without a body is one as well', async () => {
  expect(await saidOf((_request, response) => response.writeHead(204).end())).toBe(
    'h1/chat/a: healthy',
  );
});

test('a service that sends the agent elsewhere is not followed there', async () => {
  let asked = 0;
  const other = await answering((_request, response) => {
    asked += 1;
    response.end();
  });
  const away: Listener = (_request, response) =>
    void response.writeHead(302, { location: other }).end();
  expect(await saidOf(away)).toBe('h1/chat/a: unhealthy: /health: unexpected redirect');
  expect(asked).toBe(0);
});

test('many services are all asked, and some of them at a time', async () => {
  const hive = await testHive();
  let open = 0;
  let most = 0;
  const url = await answering((_request, response) => {
    open += 1;
    most = Math.max(most, open);
    setImmediate(() => {
      open -= 1;
      response.end();
    });
  });
  const port = Number(new URL(url).port);
  const services = Array.from({ length: 60 }, (_, at) => ({ name: `s${at}`, kind: 'chat', port }));
  const agent = testAgent(hive.url, inventoryOf(services));
  await until(() => agent.said().length >= 61);
  expect(agent.said().slice(1).toSorted()).toEqual(
    services.map(({ name }) => `h1/chat/${name}: healthy`).toSorted(),
  );
  expect(most).toBeLessThanOrEqual(3 * 16);
});

test('another inventory takes the place of the first one', async () => {
  const hive = await testHive();
  const { service } = await stub();
  const agent = testAgent(hive.url, inventoryOf([service]));
  await until(() => agent.said().length === 2);
  agent.take(inventoryOf([{ ...service, name: 'b' }]));
  await until(() => agent.said().length === 4);
  expect(agent.said().slice(2)).toEqual([
    `agent of h1: 1 service, registered at ${hive.url}`,
    'h1/chat/b: healthy',
  ]);
  expect(await jsonOf(hive.get('/v1/cluster/services'))).toMatchObject({
    data: [{ service_id: 'h1/chat/b' }],
  });
});

test('an end does not wait for answers', async () => {
  const hive = await testHive();
  let asked = false;
  const url = await answering(() => {
    asked = true;
  });
  const service = { name: 'a', kind: 'chat', port: Number(new URL(url).port) };
  const agent = testAgent(hive.url, inventoryOf([service]));
  await until(() => asked);
  await agent.stop();
  await agent.ended;
  expect(agent.said()).toEqual([]);
});

test('what is a bug is not taken for trouble with the registry', async () => {
  const bug = new TypeError('no function');
  const agent = {
    take: () => undefined,
    hasRegistered: () => true,
    round: () => Promise.reject(bug),
  };
  const { signal } = new AbortController();
  const rest = { url: 'http://r', tell: () => undefined, ended: signal, wake: () => signal };
  await expect(runAgent(agent, { ...rest, intervalMs: 1, slowMs: 1 })).rejects.toBe(bug);
});
