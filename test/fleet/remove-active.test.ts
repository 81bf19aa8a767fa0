import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { activeStateIn } from '../../src/host/fleet/active-state.ts';
import { fleetStateDirectory } from '../../src/host/fleet/state-directory.ts';
import { fleet, textOf, writeFleet } from '../support/fleet-files.ts';
import { hostPart, runtimesPart } from '../support/runtimes.ts';
import { recordOf } from '../support/scripted-fleet.ts';

const uid = process.geteuid?.() ?? 0;

let base = '';
beforeEach(() => {
  base = mkdtempSync(`${tmpdir()}/vllmd-remove-`);
});
afterEach(() => rmSync(base, { recursive: true }));

async function removed(id: string, ...more: readonly string[]) {
  const file = `${base}/runtimes.json`;
  writeFleet(file, runtimesPart({ hosts: [hostPart({ id: 'h1' }), hostPart({ id: 'h2' })] }));
  const env = { HOME: '/nowhere', VLLMD_RUNTIMES: file, XDG_STATE_HOME: base };
  const argv = ['hosts', 'remove', id, '--yes', ...more];
  const { code, err, out } = await fleet(argv, { file, world: { env } });
  expect([code, textOf(file).includes(`"${id}"`)]).toEqual([0, false]);
  return { err, out };
}

test('a host that the active runtime is on is removed with a warning, another one without', async () => {
  const directory = fleetStateDirectory({ XDG_STATE_HOME: base });
  const record = recordOf('h1');
  activeStateIn(directory, uid).write(record);
  const text = `${record.model_id} may run on h1: without its entry in the file no select can stop it there`;
  expect((await removed('h1')).err).toBe(`warning: ${text}\n`);
  expect((await removed('h2')).err).toBe('');
  // A program reads the answer alone.
  expect(JSON.parse((await removed('h1', '--json')).out)).toMatchObject({ warnings: [text] });
  expect(JSON.parse((await removed('h2', '--json')).out)).toMatchObject({ warnings: [] });
});

async function edited(change: object, ...more: readonly string[]) {
  const file = `${base}/runtimes.json`;
  writeFleet(file, runtimesPart({ hosts: [hostPart({ id: 'h1' }), hostPart({ id: 'h2' })] }));
  const env = { HOME: '/nowhere', VLLMD_RUNTIMES: file, XDG_STATE_HOME: base };
  const argv = ['hosts', 'edit', 'h1', '--json-from', '-', ...more];
  const { code, err, out } = await fleet(argv, { file, stdin: change, world: { env } });
  expect(code).toBe(0);
  return { err, out };
}

test('a host that the active runtime is on is called otherwise with the same warning', async () => {
  const directory = fleetStateDirectory({ XDG_STATE_HOME: base });
  const record = recordOf('h1');
  activeStateIn(directory, uid).write(record);
  const text = `${record.model_id} may run on h1: without its entry in the file no select can stop it there`;
  expect((await edited({ id: 'h9' })).err).toBe(`warning: ${text}\n`);
  const { out } = await edited({ id: 'h9' }, '--json');
  expect(JSON.parse(out)).toMatchObject({ warnings: [text] });
  expect((await edited({ display_name: 'Other' })).err).toBe('');
  expect((await edited({ id: 'h1' })).err).toBe('');
});

test('a record that cannot be read stops no removal, and is told', async () => {
  const directory = fleetStateDirectory({ XDG_STATE_HOME: base });
  activeStateIn(directory, uid).write(recordOf('h1'));
  writeFileSync(`${directory}/runtime-active.json`, '{');
  expect((await removed('h1')).err).toContain('warning: whether h1 is in use is not known: ');
});
