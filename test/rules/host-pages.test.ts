import { expect, test, vi } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { Entry } from '../../src/core/plan/observed.ts';
import type { Host } from '../../src/host/host.ts';
import { createMemoryHost } from '../../src/host/memory-host.ts';
import { behaviourOf, describedHost, testWorld } from '../support/world.ts';
import { type HostCase, hostCases } from './host-cases.ts';
import { frameOf, pageOf } from './page.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

async function install(host: Host, text: string, ...flags: readonly string[]) {
  const world = testWorld(host, {
    readConfigFile: () => ({ kind: 'bytes', bytes: Buffer.from(text) }),
  });
  const code = await run(['install', '--config', 'vllmd.toml', ...flags], world);
  return { code, text: world.out() + world.err() };
}

async function hostOf(one: HostCase): Promise<Host> {
  const { host = {}, before, edits = {} } = one;
  const described = describedHost(host);
  if (before !== undefined) {
    const { code, text } = await install(described, before, '--settle', '0');
    if (code !== 0) throw new Error(text);
  }
  const entries = new Map(described.entries);
  for (const [path, edit] of Object.entries(edits)) {
    entries.set(path, edited(entries.get(path), edit));
  }
  const options = { entries, units: described.units, ...behaviourOf(host) };
  return answering(createMemoryHost(options), one);
}

function edited(before: Entry | undefined, edit: NonNullable<HostCase['edits']>[string]): Entry {
  const file = before?.type === 'file' ? before : { mode: 0o600, uid: 0, gid: 0, text: '' };
  if (typeof edit === 'string') return { type: 'file', ...file, text: edit };
  if ('link' in edit) return { type: 'link', target: edit.link, trusted: false };
  return { type: 'file', ...file, uid: edit.uid, gid: edit.uid };
}

function answering(host: Host, { sizes = {}, systemdVersion }: HostCase): Host {
  const stat: Host['stat'] = async (path) => {
    const found = await host.stat(path);
    const bytes = sizes[path];
    if (found === undefined || bytes === undefined) return found;
    return { ...found, sizeBytes: bytes, allocatedBytes: bytes };
  };
  const query: Host['query'] = async (argv, ...rest) =>
    systemdVersion !== undefined && argv.join(' ') === 'systemctl --version'
      ? { exitCode: 0, stdout: systemdVersion, stderr: '' }
      : host.query(argv, ...rest);
  return { ...host, stat, query };
}

test.for(hostCases)('the page of $id, and what an install says of such a host', async (one) => {
  const { text } = await install(await hostOf(one), one.config, '--dry-run');
  const shown = await pageOf(one.id, frameOf(one.id, text));
  await expect(shown).toMatchFileSnapshot(`expected/${one.id}.txt`);
});
