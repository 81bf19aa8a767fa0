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

async function removed(id: string) {
  const file = `${base}/runtimes.json`;
  writeFleet(file, runtimesPart({ hosts: [hostPart({ id: 'h1' }), hostPart({ id: 'h2' })] }));
  const env = { HOME: '/nowhere', VLLMD_RUNTIMES: file, XDG_STATE_HOME: base };
  const { code, err } = await fleet(['hosts', 'remove', id, '--yes'], { file, world: { env } });
  expect([code, textOf(file).includes(`"${id}"`)]).toEqual([0, false]);
  return err;
}

test('a host that the active runtime is on is removed with a warning, another one without', async () => {
  const directory = fleetStateDirectory({ XDG_STATE_HOME: base });
  const record = recordOf('h1');
  activeStateIn(directory, uid).write(record);
  expect(await removed('h1')).toBe(
    `warning: ${record.model_id} may run on h1: without its entry in the file no select can stop it there\n`,
  );
  expect(await removed('h2')).toBe('');
});

test('a record that cannot be read stops no removal, and is told', async () => {
  const directory = fleetStateDirectory({ XDG_STATE_HOME: base });
  activeStateIn(directory, uid).write(recordOf('h1'));
  writeFileSync(`${directory}/runtime-active.json`, '{');
  expect(await removed('h1')).toContain('warning: whether h1 is in use is not known: ');
});
