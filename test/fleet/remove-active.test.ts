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

/** Says what a change of two hosts is told, and what the file is then. */
async function changed(argv: readonly string[], stdin?: object) {
  const file = `${base}/runtimes.json`;
  writeFleet(file, runtimesPart({ hosts: [hostPart({ id: 'h1' }), hostPart({ id: 'h2' })] }));
  const env = { HOME: '/nowhere', VLLMD_RUNTIMES: file, XDG_STATE_HOME: base };
  const given = stdin === undefined ? {} : { stdin };
  const { code, err, out } = await fleet(['hosts', ...argv], { file, ...given, world: { env } });
  expect(code).toBe(0);
  return { err, out, text: textOf(file) };
}

async function removed(id: string, ...more: readonly string[]) {
  const { err, out, text } = await changed(['remove', id, '--yes', ...more]);
  expect(text).not.toContain(`"${id}"`);
  return { err, out };
}

function edited(change: object, ...more: readonly string[]) {
  return changed(['edit', 'h1', '--json-from', '-', ...more], change);
}

/** What is told where h1 has the active runtime. */
function activeOnH1(): string {
  const record = recordOf('h1');
  activeStateIn(fleetStateDirectory({ XDG_STATE_HOME: base }), uid).write(record);
  return `${record.model_id} may run on h1: without its entry in the file no select can stop it there`;
}

test('a host that the active runtime is on is removed with a warning, another one without', async () => {
  const text = activeOnH1();
  expect((await removed('h1')).err).toBe(`warning: ${text}\n`);
  expect((await removed('h2')).err).toBe('');
  // A program reads the answer alone.
  expect(JSON.parse((await removed('h1', '--json')).out)).toMatchObject({ warnings: [text] });
  expect(JSON.parse((await removed('h2', '--json')).out)).toMatchObject({ warnings: [] });
});

test('a host that the active runtime is on is called otherwise with the same warning', async () => {
  const text = activeOnH1();
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
