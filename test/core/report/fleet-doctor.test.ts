import { expect, test } from 'vitest';
import type { Finding } from '../../../src/core/fleet/doctor/finding.ts';
import { doctorHuman, doctorJson, isHealthy } from '../../../src/core/report/fleet-doctor.ts';
import { plainStyle } from '../../../src/core/report/style.ts';

const ok: Finding = { check: 'file', hostId: undefined, state: 'ok', detail: 'mode 0600' };
const warning: Finding = {
  ...{ check: 'port', hostId: 'lab', state: 'warning', detail: 'one port', help: 'take another' },
};
const problem: Finding = {
  check: 'file',
  hostId: undefined,
  state: 'problem',
  detail: 'mode 0644',
};

const look = { style: plainStyle, width: undefined };

test('what is wrong follows the table, with what would help and how much it is', () => {
  expect(doctorHuman([ok, warning, problem], look).split('\n')).toEqual([
    'HOST  CHECK  STATE    DETAIL',
    '-     file   ok       mode 0600',
    'lab   port   warning  one port',
    '-     file   problem  mode 0644',
    '',
    '- warning: [lab] one port',
    '  help: take another',
    '- problem: mode 0644',
    'Doctor: 1 problem, 1 warning',
    '',
  ]);
});

test('where nothing is wrong that is said in the words that people know', () => {
  const text = doctorHuman([ok], look);
  expect(text.endsWith('\nDoctor: no obvious runtime host issues found.\n')).toBe(true);
});

test('a problem is a failure and a warning is none', () => {
  expect([[ok], [warning], [ok, problem]].map(isHealthy)).toEqual([true, true, false]);
  expect(doctorJson('r.json', [warning])).toMatchObject({
    ok: true,
    findings: [{ host_id: 'lab', check: 'port', state: 'warning', help: 'take another' }],
  });
});
