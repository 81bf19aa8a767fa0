import { expect, test } from 'vitest';
import { findRule } from '../../../src/core/catalogue/find-rule.ts';
import type { ConfigInput } from '../../../src/core/config/config-input.gen.ts';
import { loadConfig } from '../../../src/core/config/load.ts';
import { type Precheck, precheck } from '../../../src/core/precheck/precheck.ts';
import type { ConfigInView } from '../../../src/core/precheck/view.ts';
import type { Host } from '../../../src/host/host.ts';
import { readPrecheck } from '../../../src/host/read-precheck.ts';
import { describedHost, type HostDescription } from '../../support/world.ts';

type Row = { readonly id: string; readonly verdict: string; readonly text: string };

/** What a precheck finds on a host, without a config or with one. */
export async function checksOf(
  host: Host,
  isRoot = true,
  input?: ConfigInput,
): Promise<readonly Row[]> {
  const view = await readPrecheck(host, input);
  const config: ConfigInView =
    input === undefined
      ? { kind: 'none', why: 'no config' }
      : { kind: 'valid', file: 'vllmd.toml', forgiven: [] };
  return rowsOf(precheck({ ...view, config, isRoot }));
}

/** With a config of one runtime. */
export async function configured(host: Host, runtime: string): Promise<readonly Row[]> {
  const text = `schema_version = 2\n[global]\nuser = "sdake"\n[[runtimes]]\nindex = 1\nname = "a"\n${runtime}\n`;
  const { result } = loadConfig(new TextEncoder().encode(text), 'strict');
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  const view = await readPrecheck(host, result.value);
  const config = { kind: 'valid', file: 'a.toml', forgiven: [] } as const;
  return rowsOf(precheck({ ...view, config, isRoot: true }));
}

function rowsOf(result: Precheck): readonly Row[] {
  return result.subsystems.flatMap(({ checks }) =>
    checks.map(({ id, verdict, message, remedy = [], detail = [], needsRoot }) => ({
      id,
      verdict: needsRoot === true ? `${verdict}, needs root` : verdict,
      text: [message, ...detail, ...remedy].join('\n'),
    })),
  );
}

export const gpu = {
  address: '0000:03:00.0',
  id: '10de:2330',
  class: '030200',
  bars: ['64M', '128G'],
};
export const port = { address: '0000:00:01.0', id: '8086:352a', class: '060400', buses: '03-03' };
export const other = { ...gpu, address: '0000:04:00.0', group: 8 };
export const one: HostDescription = { pci: [port, { ...gpu, group: 7 }] };
export const nodes = [
  { cpus: '0-31', memoryGib: 256 },
  { cpus: '32-63', memoryGib: 256 },
];

export const audio: HostDescription = {
  defaultRoute: { device: 'eno2', gateway: '192.168.1.1' },
  pci: [
    { ...port, group: 7, buses: '03-04' },
    { ...gpu, group: 7 },
    {
      address: '0000:04:00.0',
      id: '8086:1533',
      class: '020000',
      driver: 'igb',
      group: 7,
      net: [{ name: 'eno2', up: true }],
    },
  ],
};

export type Case = readonly [
  title: string,
  host: HostDescription,
  id: string,
  verdict: string,
  ...says: readonly string[],
];

/** Tests that each case is seen as it says, and that every check that its host gets has a page. */
export function testCases(cases: readonly Case[]): void {
  test.for(cases)('a precheck sees %s', async ([, host, id, verdict, ...says]) => {
    const rows = await checksOf(describedHost(host));
    const found = rows.filter((row) => row.id === id);
    const row = found.find((one_) => one_.verdict === verdict);
    expect(found.map((other_) => other_.verdict)).toContain(verdict);
    for (const text of says) expect(row?.text).toContain(text);
    expect(rows.filter((any) => findRule(any.id) === undefined)).toEqual([]);
  });
}
