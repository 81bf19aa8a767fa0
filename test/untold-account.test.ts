import { expect, test } from 'vitest';
import { call } from './support/call.ts';
import { simulatedHost } from './support/systemd.ts';

/** The recording is a plain one: nobody has asked about the account. */
const CONFIG = '[global]\nuser = "mara"\n[[runtimes]]\nindex = 1\nname = "web"\n';
const { out: facts } = await call(simulatedHost(), ['facts']);
const texts = new Map([
  ['/other.toml', CONFIG],
  ['/facts.json', facts],
]);

async function answerOf(argv: readonly string[]) {
  const { out } = await call(simulatedHost(), argv, { texts });
  return { json: JSON.parse(out) };
}

test('an account that the recording does not hold is not called missing', async () => {
  const argv = ['install', '--dry-run', '--config', '/other.toml', '--facts', '/facts.json'];
  const { code, err } = await call(simulatedHost(), argv, { texts });
  expect(code).toBe(0);
  expect(err).toContain(
    'warning[user-exists]: global.user: the recording does not tell whether the host has the account "mara"',
  );
  expect(err).not.toContain('has no account');
  const { json } = await answerOf([...argv, '--json']);
  const ofUser = json.diagnostics.filter(({ rule }: { rule: string }) => rule === 'user-exists');
  expect(ofUser).toMatchObject([{ severity: 'warning', path: 'global.user' }]);
});

test('precheck does not call it missing either, and explain says what is assumed of it', async () => {
  const of = ['--config', '/other.toml', '--facts', '/facts.json'];
  const { json } = await answerOf(['precheck', '--json', ...of]);
  const checks = json.checks.filter(({ id }: { id: string }) => id === 'user-exists');
  expect(checks).toMatchObject([{ verdict: 'warn' }]);
  const { out } = await call(simulatedHost(), ['explain', '/etc/vllmd/runtime-1.env:7', ...of], {
    texts,
  });
  expect(out).toContain('as assumed for a preview: the recording does not tell of the account');
});
