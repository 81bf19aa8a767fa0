import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyTree, withEntry } from '../../../../src/core/fleet/change/change-entries.ts';
import { checkChange } from '../../../../src/core/fleet/change/change-file.ts';
import { entriesOfUnits } from '../../../../src/core/fleet/from-vllmd/entries-of-units.ts';
import { unitsOfRuntimes, type VllmdUnit } from '../../../../src/core/fleet/from-vllmd/units.ts';
import type { Endpoint } from '../../../../src/core/llama/instance.ts';

const place = { id: 'lab', displayName: 'Lab', connection: undefined, usesSudo: false };

function unit(name: string, endpoint?: Endpoint): VllmdUnit {
  return { name, unit: `vllmd-llama@${name}.service`, path: undefined, endpoint };
}

function probeOf(endpoint: Endpoint | undefined): string | undefined {
  return entriesOfUnits(place, [unit('a', endpoint)]).models[0]?.launch.probe_cmd;
}

const plain = { host: '', port: 8080, isTls: false, apiPrefix: '' };

test.for<readonly [Endpoint | undefined, string]>([
  [undefined, 'systemctl is-active --quiet vllmd-llama@a.service'],
  [plain, "curl -sf --noproxy '*' http://127.0.0.1:8080/health"],
  [
    { ...plain, host: '0.0.0.0', apiPrefix: '/llm' },
    "curl -sf --noproxy '*' http://127.0.0.1:8080/llm/health",
  ],
  [{ ...plain, host: '::' }, "curl -sf --noproxy '*' 'http://[::1]:8080/health'"],
  [{ ...plain, isTls: true }, "curl -sf --noproxy '*' --insecure https://127.0.0.1:8080/health"],
  [
    { ...plain, host: "/run/it's.sock", port: 0 },
    String.raw`curl -sf --unix-socket '/run/it'\''s.sock' http://localhost/health`,
  ],
])('an instance at %j is probed there', ([endpoint, command]) => {
  expect(probeOf(endpoint)).toBe(command);
});

test('the port of an instance is that of its model, and a socket has none', () => {
  const { models } = entriesOfUnits(place, [unit('a', plain), unit('b', { ...plain, port: 0 })]);
  expect(models.map(({ runtime_defaults }) => runtime_defaults)).toEqual([
    { port: 8080 },
    undefined,
  ]);
});

test('systemctl is called by sudo where that is asked for, and to look it is not needed', () => {
  const { host, models } = entriesOfUnits({ ...place, usesSudo: true }, [unit('a')]);
  expect(host.model_control.stop_cmd).toMatch(/^sudo -n systemctl stop /);
  expect(models[0]?.launch.start_cmd).toMatch(/^sudo -n systemctl start /);
  expect(host.health.check_cmd).toMatch(/^systemctl cat /);
});

test('virtual machines are in the order of their index, and there may be none', () => {
  const runtime = { gpus: [], memory_gb: 1 };
  const runtimes = [
    { ...runtime, index: 2, name: 'two' },
    { ...runtime, index: 1, name: 'one' },
  ];
  expect(unitsOfRuntimes({ runtimes }).map((one) => one.unit)).toEqual([
    'vllmd-runtime@1.service',
    'vllmd-runtime@2.service',
  ]);
  expect(unitsOfRuntimes({})).toEqual([]);
});

test('whatever the names of instances are, the entries make a valid file', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,80}$/);
  const names = fc.uniqueArray(name, { minLength: 1, maxLength: 6 });
  const id = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,63}$/);
  fc.assert(
    fc.property(names, id, (all, hostId) => {
      const entries = entriesOfUnits(
        { ...place, id: hostId },
        all.map((one) => unit(one, plain)),
      );
      const withHost = withEntry(emptyTree, 'hosts', entries.host);
      const withBackend = withEntry(withHost, 'backends', entries.backend);
      const document = entries.models.reduce<typeof withBackend>(
        (tree, one) => withEntry(tree, 'models', one),
        withBackend,
      );
      const { loaded } = checkChange(document, { file: 'runtimes.json', mode: 'strict' });
      expect(loaded.result).toMatchObject({ ok: true, warnings: [] });
    }),
  );
});
