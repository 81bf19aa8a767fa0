import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { type RunningHive, startHive } from '../support/hive.ts';
import { hiveUpstream } from '../support/hive-upstream.ts';

const executablePath = '/usr/bin/chromium';
// A machine of one's own may lack a browser; the one that decides may not.
const hasNoBrowser = !existsSync(executablePath) && process.env['CI'] === undefined;
const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2 };
const hostile = `"><script>document.title='taken'</script><img src=x onerror="document.title='taken'">`;
const clientKey = 'a-key&more+';
const auth = { client_api_keys: [clientKey] };

type OnFinished = TestContext['onTestFinished'];

describe.skipIf(hasNoBrowser)(
  `the built program in a browser (test/hive/prereq.sh installs ${executablePath})`,
  () => {
    let browser: Browser;

    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    });

    afterAll(async () => {
      await browser.close();
    });

    async function open(
      onFinished: OnFinished,
      control: Parameters<typeof startHive>[0] = {},
      options: BrowserContextOptions = {},
    ) {
      const hive = await startHive(control, [role('assistant')]);
      onFinished(async () => void (await hive.stop('SIGKILL')));
      const upstream = await hiveUpstream();
      onFinished(() => {
        upstream.server.closeAllConnections();
        upstream.server.close();
      });
      const context = await browser.newContext(options);
      onFinished(() => context.close());
      const page = await context.newPage();
      const troubles: string[] = [];
      page.on('console', (it) => it.type() === 'error' && troubles.push(it.text()));
      page.on('pageerror', (it) => troubles.push(it.message));
      await page.goto(hive.url);
      return { hive, page, troubles, upstream: upstream.url };
    }

    test('the page is for who has a client key, until he signs out', async ({ onTestFinished }) => {
      const { page, troubles } = await open(onTestFinished, { auth });
      await signIn(page, 'a wrong one');
      await page.getByText('This key is not among the client keys').waitFor();
      await signIn(page, clientKey);
      await isLive(page);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByLabel('Client key').waitFor();
      await page.reload();
      await page.getByLabel('Client key').waitFor();
      // A browser tells of a page that is a 401.
      expect(troubles.filter((text) => !text.includes('401'))).toEqual([]);
    });

    test('hosts, requests and ailing services come to an open page by themselves', async ({
      onTestFinished,
    }) => {
      const { hive, page, troubles, upstream } = await open(onTestFinished);
      await isLive(page);
      await page.evaluate("document.body.id = 'kept'");
      await page.getByText('No host is registered yet').waitFor();
      const services = [service('atlas/chat/m', upstream)];
      await post(hive, '/v1/nodes/register', { ...host, services });
      await page.locator('#hosts code', { hasText: /^atlas$/ }).waitFor();
      await page.locator('#attention', { hasText: 'Everything works' }).waitFor();
      await page.locator('#roles td code', { hasText: 'atlas/chat/m' }).waitFor();

      await post(hive, '/v1/chat/completions', { model: 'assistant', messages });
      const latest = page.locator('#routes tbody tr').first();
      await latest.getByText('200').waitFor();
      expect(await latest.locator('code').allTextContents()).toEqual(['assistant', 'atlas/chat/m']);

      const sick = { ...services[0], state: { health: 'unhealthy' } };
      await post(hive, '/v1/nodes/heartbeat', { host_id: 'atlas', services: [sick] });
      await page.locator('#attention li', { hasText: 'service atlas/chat/m' }).waitFor();
      expect(await page.title()).toMatch(/^\(\d down\) vllmd hive$/);
      expect(await page.locator('body#kept').count()).toBe(1);
      expect(troubles).toEqual([]);
    });

    test('ids that are markup stay texts', async ({ onTestFinished }) => {
      const { hive, page, troubles, upstream } = await open(onTestFinished);
      await isLive(page);
      const whole = { ...service(hostile, upstream), host_id: hostile };
      const named = { host_id: hostile, display_name: hostile, address: '127.0.0.1' };
      await post(hive, '/v1/nodes/register', { ...named, services: [whole] });
      await post(hive, '/v1/chat/completions', { model: hostile, messages });
      await page.locator('#services th code', { hasText: hostile }).waitFor();
      await page.locator('#routes th code', { hasText: hostile }).waitFor();
      await page.reload();
      await isLive(page);
      expect(await page.title()).not.toBe('taken');
      expect(await page.locator('img, main script').count()).toBe(0);
      expect(troubles).toEqual([]);
    });

    test('an open page does not keep the program, and tells that it has lost it', async ({
      onTestFinished,
    }) => {
      const { hive, page } = await open(onTestFinished);
      await isLive(page);
      expect(await hive.stop('SIGTERM')).toBe(0);
      await page.locator('#live', { hasText: /^connection lost, since \d/ }).waitFor();
    });

    test.for([
      ['light', {}],
      ['dark', {}],
      ['light', phone],
      ['dark', phone],
    ] as const)(
      'what the program shows fits its screen: %s %o',
      async ([colorScheme, screen], { onTestFinished }) => {
        const options = { colorScheme, ...screen };
        const { hive, page, troubles, upstream } = await open(onTestFinished, {}, options);
        await fill(hive, upstream);
        await page.locator('#routes tbody tr').nth(2).waitFor();
        await keep(page, `live-${colorScheme}-${'viewport' in screen ? 'phone' : 'desk'}`);
        const overflow = 'document.documentElement.scrollWidth - document.body.clientWidth';
        expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
        expect(troubles).toEqual([]);
      },
    );
  },
);

const host = { host_id: 'atlas', display_name: 'Atlas GPU box', address: '127.0.0.1' };
const messages = [{ role: 'user', content: 'hello' }];

function role(role_id: string): object {
  return {
    ...{ role_id, display_name: 'Assistant', operation: 'chat', modality: 'text' },
    routing_policy: { require_loaded: false },
  };
}

function service(service_id: string, endpoint: string, health = 'healthy') {
  return {
    ...{ service_id, host_id: 'atlas', kind: 'chat', endpoint, state: { health } },
    ...{ runtime: { engine: 'vllm' }, assets: [{ asset_id: 'm', loaded: true }] },
    observed: { p50_latency_ms: 920.4, p95_latency_ms: 1900, tokens_per_sec: 42.31 },
  };
}

async function fill(hive: RunningHive, upstream: string): Promise<void> {
  const services = [
    service('atlas/chat/m', upstream),
    service('atlas/chat/qwen3-8b-instruct', `${upstream}/sick`, 'unhealthy'),
  ];
  const gpus = [{ gpu_id: 'cuda:0', name: 'RTX 4090', vram_gb: 24 }];
  const metrics = { load1: 3.42, mem_used_gb: 18.4 };
  const whole = { ...host, resources: { gpus }, services };
  await post(hive, '/v1/nodes/register', whole);
  await post(hive, '/v1/nodes/heartbeat', { host_id: 'atlas', metrics });
  for (const model of ['assistant', 'm', 'gpt-4o']) {
    await post(hive, '/v1/chat/completions', { model, messages });
  }
}

async function post({ url }: RunningHive, path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (path.startsWith('/v1/nodes/')) expect(await response.text()).toContain('"status":"ok"');
  else await response.arrayBuffer();
}

async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel('Client key').fill(key);
  await page.getByRole('button').click();
}

async function isLive(page: Page): Promise<void> {
  await page.locator('#live[data-state=live]').waitFor();
}

// For somebody who wants to look: a folder in HIVE_SCREENS gets the screens.
async function keep(page: Page, name: string): Promise<void> {
  const folder = process.env['HIVE_SCREENS'];
  if (folder !== undefined)
    await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}
