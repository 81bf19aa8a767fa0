import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { service, type TestHive, testHive } from '../support/hive-server.ts';

const auth = { client_api_keys: ['key&more+'] };
const control = { server: { port: 0 }, auth };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const halfADayMs = 12 * 60 * 60 * 1000;

async function post(hive: TestHive, path: string, body = '', headers = {}): Promise<Response> {
  const whole = { ...form, ...headers };
  return await fetch(hive.url + path, { method: 'POST', headers: whole, body, redirect: 'manual' });
}

async function signedIn(hive: TestHive): Promise<{ readonly cookie: string }> {
  const answer = await post(hive, '/login', 'key=key%26more%2B');
  return { cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
}

/** A page's connection, with what it has heard. */
async function events(hive: TestHive, headers = {}) {
  const gone = new AbortController();
  onTestFinished(() => gone.abort());
  const response = await fetch(`${hive.url}/events`, { headers, signal: gone.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let heard = '';
  const isOver = async () => {
    const { done, value = '' } = (await reader?.read()) ?? { done: true };
    heard += value;
    return done;
  };
  return {
    ...{ response, leave: () => gone.abort() },
    end: async () => {
      while (!(await isOver())) heard = '';
    },
    until: async (text: string) => {
      while (!heard.includes(text)) if (await isOver()) throw new Error(`it ended: ${heard}`);
    },
  };
}

test('without a key the page is the form that asks for one, as 401', async () => {
  const hive = await testHive({ control });
  const answer = await hive.get('/');
  expect(answer.status).toBe(401);
  expect(await answer.text()).toContain('Client key');
  expect(answer.headers.get('content-security-policy')).not.toContain('script-src');
});

test.for([
  'key=wrong',
  'key=',
  '',
  'other=key%26more%2B',
  'key=wrong&key=key%26more%2B',
  '{"key":"key&more+"}',
])('a form with %j opens nothing', async (body) => {
  const hive = await testHive({ control });
  const answer = await post(hive, '/login', body);
  expect(answer.status).toBe(401);
  expect(answer.headers.get('set-cookie')).toBe(null);
  expect(await answer.text()).toContain('This key is not among the client keys');
});

test('the right key gets a cookie that no script reads and no other site sends', async () => {
  const hive = await testHive({ control });
  const answer = await post(hive, '/login', 'key=key%26more%2B');
  expect(answer.status).toBe(303);
  expect(answer.headers.get('location')).toBe('/');
  expect(answer.headers.get('set-cookie')).toMatch(
    /^vllmd_hive=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/,
  );
});

test('a cookie opens the page and its events, and no route of clients', async () => {
  const hive = await testHive({ control });
  const cookie = await signedIn(hive);
  expect(await (await hive.get('/', cookie)).text()).toContain('Sign out');
  const page = await events(hive, cookie);
  expect(page.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(page.response.headers.get('cache-control')).toBe('no-store');
  expect((await hive.get('/v1/models', cookie)).status).toBe(401);
});

test.for([
  '',
  'vllmd_hive=',
  'vllmd_hive=abc',
  `vllmd_hive=${'0'.repeat(64)}`,
  'vllmd_hive=__proto__',
  `vllmd_hive=${createHash('sha256').update('key&more+').digest('hex')}`,
])('a cookie that nobody was given opens nothing: %j', async (cookie) => {
  const hive = await testHive({ control });
  await signedIn(hive);
  expect((await hive.get('/', { cookie })).status).toBe(401);
  const refused = await hive.get('/events', { cookie });
  expect(refused.status).toBe(401);
  expect(await refused.json()).toEqual({ detail: 'unauthorized' });
});

test('other cookies beside it are passed over', async () => {
  const hive = await testHive({ control });
  const { cookie } = await signedIn(hive);
  expect((await hive.get('/', { cookie: `a=1; x_${cookie}; ${cookie}; b=2` })).status).toBe(200);
  expect((await hive.get('/', { cookie: `x_${cookie}` })).status).toBe(401);
});

test('a client that has a key needs no cookie', async () => {
  const hive = await testHive({ control });
  expect((await hive.get('/', { 'x-api-key': 'key&more+' })).status).toBe(200);
});

test('a session ends after half a day', async () => {
  let clock = 1_000_000;
  const hive = await testHive({ control, now: () => clock });
  const cookie = await signedIn(hive);
  clock += halfADayMs - 1;
  expect((await hive.get('/', cookie)).status).toBe(200);
  clock += 1;
  expect((await hive.get('/', cookie)).status).toBe(401);
  expect((await hive.get('/events', cookie)).status).toBe(401);
});

test('who signs out is forgotten, and others are not', async () => {
  const hive = await testHive({ control });
  const [one, other] = [await signedIn(hive), await signedIn(hive)];
  const answer = await post(hive, '/logout', '', one);
  expect(answer.status).toBe(303);
  expect(answer.headers.get('set-cookie')).toMatch(/^vllmd_hive=;.*; Max-Age=0$/);
  expect((await hive.get('/', one)).status).toBe(401);
  expect((await hive.get('/', other)).status).toBe(200);
});

test('of more than 200 sessions the oldest go', async () => {
  const hive = await testHive({ control });
  const first = await signedIn(hive);
  const second = await signedIn(hive);
  for (let at = 2; at <= 200; at += 1) await signedIn(hive);
  expect((await hive.get('/', first)).status).toBe(401);
  expect((await hive.get('/', second)).status).toBe(200);
});

test('an open registry asks for no key and offers no way out', async () => {
  const hive = await testHive();
  const answer = await hive.get('/');
  expect(answer.status).toBe(200);
  expect(await answer.text()).not.toContain('Sign out');
  expect((await events(hive)).response.status).toBe(200);
});

test('the page runs nothing of others, stays out of frames and caches, and is asked for by HEAD', async () => {
  const hive = await testHive();
  for (const method of ['GET', 'HEAD']) {
    const answer = await fetch(`${hive.url}/`, { method });
    expect(answer.status).toBe(200);
    const said = Object.fromEntries(answer.headers);
    expect(said).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    expect(said['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(said['content-security-policy']).toContain("frame-ancestors 'none'");
    expect((await answer.text()).length > 0).toBe(method === 'GET');
  }
});

test('more than 100 pages are sent away until one is closed', async () => {
  const hive = await testHive();
  const pages = [];
  for (let at = 0; at < 100; at += 1) pages.push(await events(hive));
  const refused = await hive.get('/events');
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('30');
  expect(await refused.json()).toEqual({ detail: 'too many pages are open' });
  pages[0]?.leave();
  await expect.poll(async () => (await events(hive)).response.status).toBe(200);
});

test('all pages hear of what changes', async () => {
  const hive = await testHive();
  const pages = [await events(hive), await events(hive)];
  await hive.register([service('a', 'http://127.0.0.1:9')]);
  for (const page of pages) await page.until('<code>a</code>');
  pages[0]?.leave();
  await hive.register([service('b', 'http://127.0.0.1:9')]);
  await pages[1]?.until('<code>b</code>');
});

test('a page that reads nothing does not keep the registry', async () => {
  const hive = await testHive();
  const socket = connect(Number(new URL(hive.url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.write('GET /events HTTP/1.1\r\nhost: a\r\n\r\n');
  socket.once('data', () => socket.pause());
  for (let at = 0; at < 6; at += 1) {
    const metrics = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`${at}-${n}`, at]));
    await hive.register([], { metrics, display_name: `${at}${'x'.repeat(900_000)}` });
    await new Promise((done) => setTimeout(done, 1_100));
  }
  const closed = new Promise((done) => socket.on('close', done));
  await hive.drain();
  socket.resume();
  await closed;
});

test('a page whose session has ended hears no more', async () => {
  const hive = await testHive({ control });
  const cookie = await signedIn(hive);
  const page = await events(hive, cookie);
  await post(hive, '/logout', '', cookie);
  await page.end();
});

test('there is no HEAD of events, which would stay open for nobody', async () => {
  const hive = await testHive();
  expect((await fetch(`${hive.url}/events`, { method: 'HEAD' })).status).toBe(405);
});
