import { expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { ConfigFile } from '../../src/host/config-file.ts';
import { until } from '../support/hive-agent.ts';
import { answering, awaited, service, testHive } from '../support/hive-server.ts';
import { describedHost, testWorld } from '../support/world.ts';

const key = 'n0de-key';
const protectedBy = {
  auth: {
    client_api_keys: ['client'],
    node_api_keys: [{ key, key_id: 'k1', host_ids: ['h1'] }],
  },
};

type Texts = Readonly<Record<string, { readonly text: string; readonly permissions?: number }>>;

const files: Texts = {
  '/inventory.yaml': { text: 'host: {host_id: h1, address: 127.0.0.1}\n' },
  '/bad.yaml': { text: 'services:\n  - {name: a, kind: chatt, port: 1}\n' },
  '/credentials/hive-key': { text: `${key}\n`, permissions: 0o440 },
  '/key': { text: key, permissions: 0o600 },
};

async function hive(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const world = testWorld(describedHost(), {
    env,
    readConfigFile: (path): ConfigFile => {
      const file = files[path];
      if (file === undefined) return { kind: 'absent' };
      const { text, permissions = 0o644 } = file;
      return { kind: 'bytes', bytes: Buffer.from(text), permissions };
    },
  });
  const code = await run(['hive', ...argv], world);
  return { code, out: world.out(), err: world.err() };
}

const once = ['agent', '--inventory', '/inventory.yaml', '--once'];

test('a host without services registers, and that is said on standard error', async () => {
  const { url, get } = await testHive();
  const answer = await hive([...once, '--url', url]);
  const err = `agent of h1: 0 services, registered at ${url}\n`;
  expect(answer).toEqual({ code: 0, out: '', err });
  expect(await (await get('/v1/cluster/hosts')).json()).toMatchObject({
    data: [{ host_id: 'h1', metrics: { load_1m: expect.any(Number) } }],
  });
});

test('the options name the host and its address in the place of the inventory', async () => {
  const { url, get } = await testHive();
  const named = ['--host-id', 'h2', '--address', '127.0.0.2'];
  expect(await hive([...once, '--url', url, ...named])).toMatchObject({ code: 0 });
  expect(await (await get('/v1/cluster/hosts')).json()).toMatchObject({
    data: [{ host_id: 'h2', address: '127.0.0.2' }],
  });
});

test('the key of a host comes from a file, the environment or a credential, and is never shown', async () => {
  const { url } = await testHive({ control: protectedBy });
  const agent = [...once, '--url', url];
  for (const [argv, env] of [
    [[...agent, '--key-file', '/key'], {}],
    [agent, { VLLMD_HIVE_NODE_KEY: key }],
    [agent, { CREDENTIALS_DIRECTORY: '/credentials' }],
  ] as const) {
    const { code, err } = await hive(argv, env);
    expect({ code, err }).toEqual({
      code: 0,
      err: `agent of h1: 0 services, registered at ${url}\n`,
    });
  }
  const wrong = await hive(agent, { VLLMD_HIVE_NODE_KEY: 'wrong-key' });
  expect(wrong.code).toBe(4);
  expect(wrong.err).toContain('does not take this key');
  expect(wrong.err).not.toContain('wrong-key');
  const none = await hive(agent, { CREDENTIALS_DIRECTORY: '/nowhere' });
  expect(none.code).toBe(4);
  expect(none.err).toContain('or put it into $VLLMD_HIVE_NODE_KEY');
});

test('a registry that refuses the host ends the agent, with what it says', async () => {
  const agent = ['agent', '--inventory', '/inventory.yaml', '--url'];
  const foreign = await testHive({ control: protectedBy });
  const other = [...agent, foreign.url, '--key-file', '/key', '--host-id', 'h2'];
  const forbidden = await hive(other);
  expect(forbidden.code).toBe(4);
  expect(forbidden.err).toContain('status 403: the key k1 is not for the host "h2"');
  for (const [status, body, code, said] of [
    [
      409,
      { error: 'service_conflict', service_id: 'h1/chat/a', host_id: 'h2' },
      5,
      'the host "h2" has registered the service "h1/chat/a"',
    ],
    [422, { detail: [{ loc: ['body', 'address'], msg: 'Input should be x' }] }, 3, 'body.address:'],
  ] as const) {
    const refusing = await answering((_request, response) =>
      response.writeHead(status).end(JSON.stringify(body)),
    );
    const { code: ended, err } = await hive([...agent, refusing]);
    expect({ status, ended, err }).toMatchObject({ status, ended: code });
    expect(err).toContain(said);
  }
});

test('with --once a registry that cannot be reached is an error', async () => {
  const { url, drain } = await testHive();
  await drain();
  const { code, err } = await hive([...once, '--url', url]);
  expect(code).toBe(4);
  expect(err).toContain(`error: the registry at ${url} cannot be reached: connect ECONNREFUSED`);
});

test.each([
  [['--inventory', '/absent'], 66, 'the file /absent does not exist'],
  [['--inventory', '/bad.yaml'], 3, 'services[0].kind: should be'],
  [['--inventory', '/inventory.yaml', '--interval', '0'], 64, '--interval is no number from 1'],
  [['--inventory', '/inventory.yaml', '--interval', '301'], 64, '--interval is no number from 1'],
  [['--inventory', '/inventory.yaml', '--interval', '1.5'], 64, '--interval is no number from 1'],
  [['--inventory', '/inventory.yaml', '--host-id', ' \u0007'], 64, '--host-id is no id'],
  [['--inventory', '/inventory.yaml', '--address', 'a:80'], 64, '--address is no name'],
  [[], 66, 'no config'],
  [['--llama', '/absent'], 66, 'the llama.cpp config /absent does not exist'],
  [['--inventory', '/inventory.yaml', '--llama', '/a'], 64, '--inventory says all'],
])('agent %j is refused with exit code %i', async (argv, code, message) => {
  const answer = await hive(['agent', ...argv, '--once']);
  expect(answer.code).toBe(code);
  expect(answer.err).toContain(message);
});

test('SIGHUP reads the inventory again, and SIGTERM ends it', async () => {
  const { url } = await testHive();
  const service = (name: string) => `services: [{name: ${name}, kind: chat, port: 9}]\n`;
  let text: string | undefined = `host: {host_id: h1, address: 127.0.0.1}\n${service('a')}`;
  const world = testWorld(describedHost(), {
    readConfigFile: (): ConfigFile =>
      text === undefined ? { kind: 'absent' } : { kind: 'bytes', bytes: Buffer.from(text) },
  });
  const saidAfter = async (mark: string, from = 0) => {
    await until(() => world.err().slice(from).includes(mark));
    return world.err().length;
  };
  const ended = run(['hive', 'agent', '--inventory', '/i.yaml', '--url', url], world);
  let at = await saidAfter('h1/chat/a: unhealthy');
  text = 'host: {host_id: h1, address: 127.0.0.1}\n';
  world.interrupt('SIGHUP');
  at = await saidAfter(`agent of h1: 0 services, registered at ${url}`, at);
  text = 'services: 5\n';
  world.interrupt('SIGHUP');
  at = await saidAfter('what was read before stays\n', at);
  expect(world.err()).toContain('services: should be a valid list');
  text = undefined;
  world.interrupt('SIGHUP');
  await saidAfter('what was read before stays: the file /i.yaml does not exist', at);
  world.interrupt('SIGTERM');
  expect(await ended).toBe(0);
});

test('a signal in its only round ends it, which is no failure', async () => {
  const asked = awaited<void>();
  const url = await answering(() => asked.come());
  const bytes = Buffer.from('host: {host_id: h1, address: 127.0.0.1}\n');
  const world = testWorld(describedHost(), { readConfigFile: () => ({ kind: 'bytes', bytes }) });
  const ended = run(['hive', ...once, '--url', url], world);
  await asked.value;
  world.interrupt('SIGINT');
  expect(await ended).toBe(0);
  expect(world.err()).toBe('');
});

test('a service is drained and given back, and heartbeats do not change it', async () => {
  const registry = await testHive();
  await registry.register([service('h1/chat/a', 'http://127.0.0.1:9')]);
  const { url } = registry;
  const availability = async () => {
    const beat = { host_id: 'h1', services: [service('h1/chat/a', 'http://127.0.0.1:9')] };
    expect((await registry.post('/v1/nodes/heartbeat', beat)).status).toBe(200);
    const body: unknown = await (await registry.get('/v1/cluster/services')).json();
    return body;
  };
  const asIs = (word: string) => ({ data: [{ state: { availability: word } }] });
  const drain = await hive(['drain', 'h1/chat/a', '--url', url]);
  expect(drain).toEqual({ code: 0, out: 'h1/chat/a: draining\n', err: '' });
  expect(await availability()).toMatchObject(asIs('draining'));
  const busy = ['drain', 'h1/chat/a', '--availability', 'busy', '--url', url];
  expect(await hive(busy)).toMatchObject({ code: 0, out: 'h1/chat/a: busy\n' });
  expect(await availability()).toMatchObject(asIs('busy'));
  const undo = await hive(['drain', 'h1/chat/a', '--undo', '--url', url]);
  expect(undo).toMatchObject({ code: 0, out: 'h1/chat/a: as its host says\n' });
  expect(await availability()).toMatchObject(asIs('available'));
});

test('services that nobody knows are told, and the others are drained', async () => {
  const registry = await testHive();
  await registry.register([service('h1/chat/a', 'http://127.0.0.1:9')]);
  const argv = ['drain', 'x', 'h1/chat/a', 'y', '--url', registry.url];
  const plain = await hive(argv);
  expect(plain).toMatchObject({ code: 1, out: 'h1/chat/a: draining\n' });
  expect(plain.err).toContain('error: the registry knows no service x, y');
  const json = await hive([...argv, '--json']);
  expect(json.code).toBe(1);
  expect(JSON.parse(json.out)).toEqual({
    ...{ format_version: '1.0', ok: false, availability: 'draining' },
    ...{ services: ['h1/chat/a'], unknown: ['x', 'y'] },
  });
});

test('draining takes the key of the host', async () => {
  const { url } = await testHive({ control: protectedBy });
  const drain = ['drain', 'a', '--url', url];
  expect((await hive(drain)).err).toContain('asks for a key');
  expect(await hive(drain, { VLLMD_HIVE_NODE_KEY: key })).toMatchObject({ code: 1 });
});

test('to drain and to give back at once is refused', async () => {
  const { code, err } = await hive(['drain', 'a', '--undo', '--availability', 'busy']);
  expect(code).toBe(64);
  expect(err).toContain('error: --undo and --availability say different things');
});
