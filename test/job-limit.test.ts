import { expect, test } from 'vitest';
import { parseTimeSpan } from '../src/core/facts/time-span.ts';
import { jobLimitMs } from '../src/host/job-limit.ts';
import { createMemoryHost } from '../src/host/memory-host.ts';
import { systemctl } from '../src/host/systemctl.ts';
import { answering } from './support/call.ts';

const unit = 'vllmd-runtime@1.service';

function hostThatSays(stdout: string, exitCode = 0) {
  return answering(createMemoryHost(), ([, verb]) =>
    verb === 'show' ? { stdout, exitCode } : undefined,
  );
}

test.for<[string, number | undefined]>([
  ['0', 0],
  ['1min 30s', 90_000],
  ['15min', 900_000],
  ['1h 500ms', 3_600_500],
  ['2w 3d 1us', 1_468_800_000.001],
  ['1month 1y', 34_187_400_000],
  ['1.5s', 1500],
  ['infinity', Number.POSITIVE_INFINITY],
  ['', undefined],
  ['soon', undefined],
  ['5 parsecs', undefined],
  ['1.2.3s', undefined],
  ['3fortnights', undefined],
])('the time %s is understood', ([text, milliseconds]) => {
  expect(parseTimeSpan(text)).toBe(milliseconds);
});

test('systemctl may take longer than all commands of a VM and of what prepares it together', async () => {
  const host = hostThatSays(
    'TimeoutStartUSec=1h\nTimeoutStopUSec=2min 30s\n\nTimeoutStartUSec=15min\nTimeoutStopUSec=30s\n',
  );
  const commandsOfStart = 6;
  expect(await jobLimitMs(host, unit)).toBeGreaterThan(commandsOfStart * 1000 * (3600 + 900 + 180));
});

test('a unit without a time of its own, such as a target, has the time of others', async () => {
  expect(await jobLimitMs(hostThatSays('\n'), 'vllmd.target')).toBe(1_200_000);
});

test('a unit that may take for ever, and one of which nothing is known, are waited for', async () => {
  const endless = hostThatSays('TimeoutStartUSec=infinity\nTimeoutStopUSec=30s\n');
  const limit = await jobLimitMs(endless, unit);
  expect(limit).toBe(2 ** 31 - 1);
  expect(await jobLimitMs(hostThatSays('', 1), unit)).toBe(86_400_000);
  expect(await jobLimitMs(hostThatSays('TimeoutStopUSec=?\n'), unit)).toBeGreaterThan(86_400_000);
});

test.for(['start', 'stop', 'restart', 'reload'])(
  'the limit of a %s follows from what systemd says of the unit',
  async (verb) => {
    const limits: number[] = [];
    const host = hostThatSays('TimeoutStartUSec=2h\nTimeoutStopUSec=2h\n');
    const run: typeof host.run = async (argv, timeoutMs) => {
      limits.push(timeoutMs);
      return host.run(argv, timeoutMs);
    };
    await systemctl({ ...host, run }, verb, unit);
    await systemctl({ ...host, run }, 'daemon-reload');
    expect(limits).toEqual([1_200_000 + 10 * 4 * 3_600_000, 180_000]);
  },
);
