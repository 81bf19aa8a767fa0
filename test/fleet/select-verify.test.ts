import { existsSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fleet } from '../support/fleet.ts';

async function verifiedFleet() {
  const it = await fleet();
  const broken = `${it.folder}/broken`;
  it.write({
    backend: {
      verify_always: true,
      verify_cmd: `echo verify >> ${it.notes}; test ! -e ${broken} || { echo no driver >&2; exit 9; }`,
      apply_cmd: `echo apply >> ${it.notes}; rm -f ${broken}`,
    },
  });
  expect(await it.select('--model', 'one')).toMatchObject({ code: 0 });
  expect(it.said()).toEqual(['apply', 'verify']);
  return { ...it, broken };
}

test('a backend with verify_always is verified each time, also where its model runs on', async () => {
  const it = await verifiedFleet();
  const again = await it.select('--model', 'one', '--json');
  expect(JSON.parse(again.out)).toMatchObject({
    execute: {
      reused: true,
      steps: [
        { step: 'verify_backend', status: 'ok' },
        { step: 'probe_health', status: 'ok' },
      ],
    },
  });
  expect(it.said()).toEqual(['apply', 'verify', 'verify']);
  expect(it.started()).toHaveLength(1);
});

test('where it is not verified the model is left alone, and --restart applies it and starts the model again', async () => {
  const it = await verifiedFleet();
  writeFileSync(it.broken, '');
  const before = it.record();
  const { code, err } = await it.select('--model', 'one');
  expect(code).toBe(4);
  expect(err).toContain(
    [
      'error: Execution failed: Step failed: verify_backend on here',
      'exit code 9',
      'no driver',
      '  help: one was not touched: by its record it still runs on here',
      '        --restart stops it, applies backend cpu and starts it again',
      '',
    ].join('\n'),
  );
  expect(err).not.toContain('Reuse health check failed');
  expect(it.record()).toEqual(before);
  expect(it.running()).toEqual(['one']);
  expect(it.started()).toHaveLength(1);
  expect(await it.select('--model', 'one', '--restart')).toMatchObject({ code: 0 });
  expect(it.started()).toHaveLength(2);
  expect(existsSync(it.broken)).toBe(false);
  expect(it.said().slice(-2)).toEqual(['apply', 'verify']);
});

test('where it is verified and the model has died, it is applied and the model started again', async () => {
  const it = await verifiedFleet();
  process.kill(it.started()[0]?.pid ?? 0, 'SIGKILL');
  const { code, err } = await it.select('--model', 'one');
  expect(code).toBe(0);
  expect(err).toContain('Reuse health check failed');
  expect(it.said()).toEqual(['apply', 'verify', 'verify', 'apply', 'verify']);
});
