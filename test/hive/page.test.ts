import { existsSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { pageEvent, tickEvent } from '../../src/core/hive/page/events.ts';
import { loginHtml } from '../../src/core/hive/page/login-html.ts';
import { pageHtml } from '../../src/core/hive/page/page-html.ts';
import { pageParts, pageTitle } from '../../src/core/hive/page/page-parts.ts';
import { loginPolicy, pagePolicy } from '../../src/core/hive/page/page-policy.ts';
import { type PageView, pageViewOf } from '../../src/core/hive/page/page-view.ts';
import {
  busyView,
  catalogueOf,
  hostRow,
  knowledge,
  nowS,
  registered,
  roleRow,
} from '../support/hive-page.ts';

const executablePath = '/usr/bin/chromium';
// A machine of one's own may lack a browser; the one that decides may not.
const hasNoBrowser = !existsSync(executablePath) && process.env['CI'] === undefined;
const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2 };
const hostile = `"><script>document.title='taken'</script><img src=x onerror="document.title='taken'">`;

type OnFinished = TestContext['onTestFinished'];

describe.skipIf(hasNoBrowser)(
  `in a browser (test/hive/prereq.sh installs ${executablePath})`,
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
      view: PageView,
      options: BrowserContextOptions = {},
    ) {
      const server = await serve(onFinished, view);
      const context = await browser.newContext(options);
      onFinished(() => context.close());
      const page = await context.newPage();
      const troubles: string[] = [];
      page.on('console', (it) => it.type() === 'error' && troubles.push(it.text()));
      page.on('pageerror', (it) => troubles.push(it.message));
      await page.goto(server.url);
      return { ...server, page, troubles };
    }

    test.for([
      ['light', {}],
      ['dark', {}],
      ['light', phone],
      ['dark', phone],
    ] as const)(
      'the page has enough contrast and fits its screen: %s %o',
      async ([colorScheme, screen], { onTestFinished }) => {
        const it = await open(onTestFinished, busyView(), { colorScheme, ...screen });
        await it.page.locator('#live[data-state=live]').waitFor();
        await keep(it.page, `${colorScheme}-${'viewport' in screen ? 'phone' : 'desk'}`);
        expect(await overflow(it.page)).toBe(0);
        expect(await squeezed(it.page)).toBe(0);
        expect(await faintTexts(it.page)).toEqual([]);
        expect(it.troubles).toEqual([]);
      },
    );

    test('nothing is wider than its screen at any width', async ({ onTestFinished }) => {
      const it = await open(onTestFinished, longView());
      for (const width of [320, 360, 600, 601, 700, 800, 801, 1000, 1001, 1240]) {
        await it.page.setViewportSize({ width, height: 800 });
        expect(await overflow(it.page), `at ${width} px`).toBe(0);
      }
    });

    test('what changes comes without a reload, and only that is replaced', async ({
      onTestFinished,
    }) => {
      const it = await open(onTestFinished, busyView());
      await it.page.locator('#live[data-state=live]').waitFor();
      await it.page.evaluate("document.querySelector('#hosts table').id = 'kept'");
      it.send(
        busyView({ targetOf: () => ({ serviceId: 'p40-box/chat/gpu0', fallbackVia: undefined }) }),
      );
      await it.page.locator('#roles code', { hasText: 'p40-box/chat/gpu0' }).first().waitFor();
      expect(await it.page.locator('#hosts #kept').count()).toBe(1);
      expect(await it.page.title()).toBe('(2 down) vllmd hive');
      expect(it.troubles).toEqual([]);
    });

    test('an update leaves the page where it was scrolled to', async ({ onTestFinished }) => {
      const it = await open(onTestFinished, busyView(), phone);
      await it.page.locator('#live[data-state=live]').waitFor();
      await it.page.evaluate('window.scrollTo(0, 900)');
      it.send(busyView({ recent: [] }));
      await it.page.getByText('No request has come').waitFor({ state: 'attached' });
      expect(await it.page.evaluate('window.scrollY')).toBe(900);
    });

    test('a text that is being marked stays until it is not', async ({ onTestFinished }) => {
      const it = await open(onTestFinished, busyView());
      await it.page.locator('#live[data-state=live]').waitFor();
      await it.page.evaluate(
        "getSelection().selectAllChildren(document.querySelector('#routes td'))",
      );
      it.send(busyView({ recent: [], version: '2', targetOf: () => ({ reason: 'a new reason' }) }));
      await it.page.locator('#roles').getByText('a new reason').first().waitFor();
      expect(await it.page.locator('#routes table').count()).toBe(1);
      await it.page.evaluate('getSelection().removeAllRanges()');
      await it.page.getByText('No request has come').waitFor();
    });

    test('times go on by themselves', async ({ onTestFinished }) => {
      const it = await open(onTestFinished, busyView());
      await it.page.locator('#live[data-state=live]').waitFor();
      it.write(tickEvent(nowS + 100_000));
      await it.page.locator('#hosts').getByText('1 d ago').first().waitFor();
    });

    test('a lost connection is told in words, and one that is back too', async ({
      onTestFinished,
    }) => {
      const it = await open(onTestFinished, busyView());
      const live = it.page.locator('#live');
      await it.page.locator('#live[data-state=live]').waitFor();
      it.cut();
      // Looked for together: a moment later it may be back.
      const hasText = /^connection lost, since \d\d:\d\d:\d\d$/;
      await it.page.locator('#live[data-state=lost]', { hasText }).waitFor();
      await it.page.locator('#live[data-state=live]').waitFor();
      expect(await live.textContent()).toBe('live');
    });

    test('a session that has ended asks for a new page', async ({ onTestFinished }) => {
      const it = await open(onTestFinished, busyView());
      const live = it.page.locator('#live');
      await it.page.locator('#live[data-state=live]').waitFor();
      it.refuse();
      it.cut();
      await it.page.getByText('load the page anew').waitFor();
      expect(await live.textContent()).toMatch(/^connection lost, since .*; load the page anew$/);
    });

    test('texts from outside stay texts', async ({ onTestFinished }) => {
      const view = hostileView();
      const it = await open(onTestFinished, view);
      await it.page.locator('#live[data-state=live]').waitFor();
      it.send({ ...view, routes: [] });
      await it.page.getByText('No request has come').waitFor();
      expect(await it.page.title()).not.toBe('taken');
      expect(await it.page.locator('img, main script').count()).toBe(0);
      expect(await it.page.locator('#services tbody th code').textContent()).toBe(hostile);
      expect(it.troubles).toEqual([]);
    });

    test('without scripts the page is whole, and says that it loads itself anew', async ({
      onTestFinished,
    }) => {
      const it = await open(onTestFinished, busyView(), { javaScriptEnabled: false });
      // Locators pass over what is in noscript.
      const said = await it.page.evaluate("document.querySelector('#live').innerText");
      expect(said).toBe('Without scripts this page loads anew every 30 s.');
      expect(await it.page.getByRole('table').count()).toBe(4);
      expect(await it.page.getByRole('row').count()).toBe(4 + 3 + 5 + 3 + 5);
      expect(it.troubles).toEqual([]);
    });

    test('on a phone tables are still tables to those who hear them', async ({
      onTestFinished,
    }) => {
      const it = await open(onTestFinished, busyView(), phone);
      expect(await it.page.getByRole('rowheader', { name: 'p40-box/chat/gpu0' }).count()).toBe(1);
      expect(await it.page.getByRole('columnheader', { name: 'Health' }).count()).toBe(1);
      expect(await it.page.getByRole('table', { name: /^Services/ }).count()).toBe(1);
    });

    test.for(['light', 'dark'] as const)(
      'the form posts the key that it asks for: %s',
      async (colorScheme, { onTestFinished }) => {
        const it = await open(onTestFinished, busyView(), { colorScheme, ...phone });
        await it.page.goto(`${it.url}/login`);
        await keep(it.page, `${colorScheme}-login`);
        expect(await faintTexts(it.page)).toEqual([]);
        await it.page.getByLabel('Client key').fill('a key & more');
        await it.page.getByRole('button').click();
        await it.page.getByText('This key is not among').waitFor();
        expect(it.posted).toEqual(['key=a+key+%26+more']);
        expect(await overflow(it.page)).toBe(0);
        expect(it.troubles.filter((text) => !text.includes('401'))).toEqual([]);
      },
    );
  },
);

async function serve(onFinished: OnFinished, first: PageView) {
  const streams = new Set<ServerResponse>();
  const posted: string[] = [];
  let [view, isRefusing] = [first, false];
  const server = createServer((request, response) => {
    if (request.url === '/login') {
      const isPost = request.method === 'POST';
      request.on('data', (bytes) => posted.push(String(bytes)));
      const headers = { 'content-type': 'text/html', 'content-security-policy': loginPolicy() };
      response.writeHead(isPost ? 401 : 200, headers).end(loginHtml({ wasRefused: isPost }));
    } else if (request.url !== '/events') {
      const headers = { 'content-type': 'text/html', 'content-security-policy': pagePolicy() };
      response.writeHead(200, headers).end(pageHtml(view, { hasLogout: true }));
    } else if (isRefusing) {
      response.writeHead(401).end();
    } else {
      streams.add(response.writeHead(200, { 'content-type': 'text/event-stream' }));
      response.write(`retry: 500\n\n${eventOf(undefined, view)}`);
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const write = (text: string) => {
    for (const stream of streams) stream.write(text);
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ posted, write },
    send: (next: PageView) => {
      write(eventOf(view, next));
      view = next;
    },
    cut: () => {
      for (const stream of streams) stream.destroy();
      streams.clear();
    },
    refuse: () => {
      isRefusing = true;
    },
  };
}

function eventOf(previous: PageView | undefined, next: PageView): string {
  const before = previous === undefined ? undefined : pageParts(previous);
  return pageEvent(before, pageParts(next), { id: 1, nowS, title: pageTitle(next) }) ?? '';
}

function hostileView(): PageView {
  const host = hostRow(hostile, {
    display_name: hostile,
    address: hostile,
    metrics: { [hostile]: 1 },
  });
  const service = registered(hostile, {
    host: hostile,
    engine: hostile,
    assets: [[hostile, true]],
  });
  return pageViewOf(
    catalogueOf([host], [service], [roleRow(hostile)]),
    knowledge({
      version: hostile,
      healthOf: () => ({ health: hostile, source: 'observed', sinceS: 1 }),
      obstacleOf: () => hostile,
      targetOf: () => ({ reason: hostile }),
      recent: [
        {
          atS: 1,
          requested: hostile,
          serviceId: hostile,
          status: 200,
          milliseconds: 1,
          isRetried: false,
        },
      ],
    }),
  );
}

function longView(): PageView {
  const long = `rack-17-${'x'.repeat(90)}`;
  const view = busyView();
  return {
    ...view,
    hosts: view.hosts.map((it) => ({ ...it, name: long, address: long })),
    services: view.services.map((it) => ({ ...it, id: `${it.id}${long}`, queue: 1_234_567 })),
    routes: view.routes.map((it) => ({ ...it, requested: long, isRetried: true })),
    attention: view.attention.map((it) => ({ ...it, id: long, text: `${long} ${long}` })),
  };
}

async function overflow(page: Page): Promise<unknown> {
  return await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
}

// Texts of a word or a few that take more than three lines: what a wrong width of a column does to them.
async function squeezed(page: Page): Promise<unknown> {
  return await page.evaluate(`[...document.querySelectorAll('tbody .status, tbody .under')]
    .filter((it) => it.getClientRects().length > 0 && it.offsetHeight > 3.5 * 22).length`);
}

// For somebody who wants to look: a folder in HIVE_SCREENS gets the screens.
async function keep(page: Page, name: string): Promise<void> {
  const folder = process.env['HIVE_SCREENS'];
  if (folder !== undefined)
    await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

// Texts whose contrast with what is behind them is below 4.5 to 1, as WCAG counts it.
async function faintTexts(page: Page): Promise<unknown> {
  return await page.evaluate(`(() => {
    const light = (colour) => {
      const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map((it) => it / 255)
        .map((it) => (it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element) => {
      const colour = getComputedStyle(element).backgroundColor;
      return colour === 'rgba(0, 0, 0, 0)' ? ground(element.parentElement) : colour;
    };
    const own = (element) => [...element.childNodes].some((it) => it.nodeType === 3 && it.data.trim() !== '');
    return [...document.querySelectorAll('body *:not(script):not(noscript)')].filter(own).flatMap((element) => {
      const two = [light(getComputedStyle(element).color), light(ground(element))].sort((a, b) => b - a);
      const ratio = (two[0] + 0.05) / (two[1] + 0.05);
      return ratio < 4.5 ? [element.textContent.trim() + ' ' + ratio.toFixed(2)] : [];
    });
  })()`);
}
