import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { createMemoryHost, type MemoryHost } from '../../src/host/memory-host.ts';
import { FIXTURES } from '../support/fixtures.ts';
import { behaviourOf, describedHost, testWorld } from '../support/world.ts';

const example = `${FIXTURES}contract-example/vllmd.toml`;
const text = readFileSync(example, 'utf8');

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/vllmd-last-`);
});
afterEach(() => rmSync(directory, { recursive: true }));

function config(edited: string): string {
  writeFileSync(`${directory}/vllmd.toml`, edited);
  return `${directory}/vllmd.toml`;
}

async function installed(): Promise<MemoryHost> {
  const accounts = ['sdake:x:1000:1000::/home/sdake:', 'bob:x:1001:1001::/home/bob:'];
  const host = describedHost({ accounts, groups: ['kvm:x:110:', 'sdake:x:1000:', 'bob:x:1001:'] });
  await host.mkdir('/home/bob', { mode: 0o755, uid: 1001, gid: 1001 });
  expect(await run(['install', '--config', example], testWorld(host))).toBe(0);
  return host;
}

test('a state_dir that would leave a disk behind is refused, with the command that moves it', async () => {
  const host = await installed();
  const disk = '/home/sdake/.local/state/vllmd-hypervisor/runtime-1/disk.raw';
  await host.write(disk, '', { mode: 0o600, uid: 1000, gid: 1000 });
  const moved = config(text.replace('$HOME/.local/state/vllmd-hypervisor', '/srv/llm'));
  const world = testWorld(host);
  expect(await run(['install', '--config', moved], world)).toBe(6);
  expect(world.err()).toContain('disk-left-behind');
  expect(world.err()).toContain('mv /home/sdake/.local/state/vllmd-hypervisor/runtime-1 /srv/llm/');
});

test('the command that moves a disk names a directory with a blank as one word', async () => {
  const host = await installed();
  const old = '/home/sdake/.local/state/vllmd-hypervisor/runtime-1';
  await host.write(`${old}/disk.raw`, '', { mode: 0o600, uid: 1000, gid: 1000 });
  const moved = config(text.replace('$HOME/.local/state/vllmd-hypervisor', '/srv/my vms'));
  const world = testWorld(host);
  await run(['install', '--config', moved], world);
  expect(world.err()).toContain(`sudo mkdir -p '/srv/my vms'; sudo mv ${old} '/srv/my vms/'`);
});

test('another account gets the nodes of the GPUs while nobody holds them, and needs its own disks', async () => {
  const host = await installed();
  const shared = text.replace('$HOME/.local/state/vllmd-hypervisor', '/srv/llm');
  await run(['install', '--config', config(shared)], testWorld(host));
  const bob = config(shared.replace('"sdake"', '"bob"'));
  const world = testWorld(host);
  expect(await run(['install', '--config', bob], world)).toBe(0);
  expect(world.err()).toMatch(
    /stop vllmd-runtime@1.*stop vllmd-vfio@0000:01:00\.0.*start vllmd-vfio@0000:01:00\.0.*start vllmd-runtime@1/s,
  );
  await host.write('/srv/llm/runtime-1/disk.raw', '', { mode: 0o600, uid: 1000, gid: 1000 });
  const refused = testWorld(host);
  expect(await run(['install', '--config', bob], refused)).toBe(6);
  expect(refused.err()).toContain('chown bob:bob /srv/llm/runtime-1/disk.raw');
});

test('a network that does not start keeps every runtime as it is', async () => {
  const host = await installed();
  const before = host.commands.length;
  const failing = {
    ...host,
    run: async (argv: readonly string[], timeoutMs: number) =>
      argv.includes('vllmd-network.service')
        ? { exitCode: 1, stdout: '', stderr: '' }
        : host.run(argv, timeoutMs),
  };
  const world = testWorld(failing);
  const renamed = config(text.replace('vllmd-br0', 'br9'));
  expect(await run(['install', '--config', renamed], world)).toBe(4);
  expect(host.commands.slice(before).flat()).not.toContain('vllmd-runtime@1.service');
});

test('a dropped runtime that had failed is not listed as failed for ever', async () => {
  const host = await installed();
  const failed = { loadState: 'loaded', activeState: 'failed', subState: 'failed', mainPid: 0 };
  const units = new Map([
    ...host.units,
    ['vllmd-runtime@2.service', failed] as const,
    ['vllmd-runtime-pre-start@2.service', failed] as const,
  ]);
  const broken = createMemoryHost({ entries: host.entries, units, ...behaviourOf({}) });
  const fewer = `${FIXTURES}runtime-dropped/vllmd.toml`;
  expect(await run(['install', '--config', fewer], testWorld(broken))).toBe(0);
  const resets = broken.commands
    .filter(([, verb]) => verb === 'reset-failed')
    .map((argv) => argv.at(-1));
  expect(resets).toEqual(['vllmd-runtime@2.service', 'vllmd-runtime-pre-start@2.service']);
});

test('without root the plan says what it cannot know, and does not call itself complete', async () => {
  const host = await installed();
  const entries = new Map(host.entries);
  entries.set('/var/lib/vllmd/install/manifest.json', { type: 'hidden' });
  const hidden = createMemoryHost({ entries, units: host.units, ...behaviourOf({}) });
  const options = ['--dry-run', '--detailed-exitcode', '--config', example];
  const world = testWorld(hidden, { uid: 1000 });
  expect(await run(['install', ...options], world)).toBe(2);
  expect(world.out()).toContain('removals, restarts and edits by hand are not in this plan');
  expect(world.out()).not.toContain('Nothing to do');
  expect(world.out()).not.toMatch(/^ +\d+\. +(re)?start/m);
  const json = testWorld(hidden, { uid: 1000 });
  await run(['install', '--json', ...options], json);
  expect(JSON.parse(json.out())).toMatchObject({ complete: false, actions: [] });
});

test('a link that `systemctl enable` made with an absolute target is as good as ours', async () => {
  const host = await installed();
  const link = '/etc/systemd/system/vllmd.target.wants/vllmd-runtime@1.service';
  await host.link(link, '/etc/systemd/system/vllmd-runtime@.service');
  const world = testWorld(host);
  expect(await run(['install', '--config', example], world)).toBe(0);
  expect(world.out()).toContain('Nothing to do');
  expect(await run(['uninstall'], testWorld(host))).toBe(0);
  expect(host.entries.has(link)).toBe(false);
});

test.for([
  ['sdake:x:1000:1000:::', 'the home /nonexistent, which does not exist'],
  ['sdake:x:1000:1000::/:', 'the home /nonexistent, which does not exist'],
  ['sdake:x:1000:1000::/srv/none:', 'the home /srv/none, which does not exist'],
] as const)('an account %s is refused where its home is needed', async ([account, why]) => {
  const host = describedHost({ accounts: [account] });
  const before = new Map(host.entries);
  const world = testWorld(host);
  expect(await run(['install', '--config', example], world)).toBe(6);
  expect(world.err()).toContain(why);
  expect(new Map(host.entries)).toEqual(before);
});

test('a home with a slash at its end is the same home', async () => {
  const host = describedHost({ accounts: ['sdake:x:1000:1000::/home/sdake/:'] });
  expect(await run(['install', '--config', example], testWorld(host))).toBe(0);
  expect(await host.read('/home/sdake/.config')).toMatchObject({ uid: 1000 });
});

test('an account without a home is as good as another where no path needs one', async () => {
  const elsewhere = text
    .replace('$HOME/.local/state/vllmd-hypervisor', '/srv/llm/state')
    .replace('$HOME/.config/vllmd', '/srv/llm/config');
  const host = describedHost({ accounts: ['sdake:x:1000:1000::/:'] });
  expect(await run(['install', '--config', config(elsewhere)], testWorld(host))).toBe(0);
  expect(await host.read('/srv/llm')).toMatchObject({ uid: 0 });
  expect(await host.read('/etc/systemd/system/vllmd.target.wants')).toMatchObject({ uid: 0 });
});
