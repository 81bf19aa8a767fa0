import { expect, test } from 'vitest';
import { fleet } from '../support/fleet.ts';

/** Five megabytes on one line, with a secret at the beginning. */
const flood = `printf '%s' "token $HF_TOKEN "; head -c 5000000 /dev/zero | tr '\\0' x`;
const CUT = String.raw`\n *… \d+ bytes left out …\n *x{300}…`;
const SHOWN = String.raw`token \[REDACTED\] x{283}…${CUT}`;
const env = { HF_TOKEN: 'hunter2-marker' };

test('of a line without an end its beginning is shown, be it of a command, a probe or a log', async () => {
  const it = await fleet({
    models: {
      probed: { probe_cmd: `{ ${flood}; } >&2; exit 22`, probe_timeout_sec: 10 },
      logged: { start_cmd: `${flood}; exit 3` },
    },
    backend: { env },
    hosts: { here: { health: { check_cmd: `HF_TOKEN=none; ${flood}; exit 1` } } },
  });
  const probed = await it.select('--model', 'probed');
  expect(probed.err).toMatch(new RegExp(`; the last one: exit code 22\n${SHOWN}\n`));
  const logged = await it.select('--model', 'logged');
  expect(logged.err).toMatch(/exit code 3\n[^\n]{1,301}\n/);
  const tested = await it.call('hosts', 'test', 'here');
  // What it waits for is told where it takes long.
  expect(tested.err).toMatch(new RegExp(`^(?:asking hosts\n)?  token none x{289}…${CUT}\n$`));
  const doctor = await it.call('hosts', 'doctor', '--json');
  expect(doctor.out).toContain(`exit code 1: ${'x'.repeat(300)}…`);
  for (const { out, err } of [probed, logged, tested, doctor]) {
    expect((out + err).length).toBeLessThan(8000);
  }
});

test('programs get 64 KiB of each stream, and a detail as short as for people', async () => {
  const it = await fleet({ backend: { env, apply_cmd: `${flood}; exit 5` } });
  const { out } = await it.select('--model', 'one', '--json');
  const [apply] = JSON.parse(out).execute.steps;
  expect(apply).toMatchObject({ step: 'apply_backend', exit_code: 5 });
  expect(apply.detail).toMatch(new RegExp(`^exit code 5\n${SHOWN}$`));
  expect(apply.stdout).toMatch(/^token \[REDACTED\] x+\n… \d+ bytes left out …\nx+$/);
  expect(apply.stdout.length).toBeLessThan(2 ** 16 + 100);
});
