import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostFactsOf } from '../../../../src/core/fleet/doctor/host-facts.ts';

const questions = { programs: ['a', 'b'], sudoPrograms: ['c'], paths: ['/x', '/y', '/z'] };

test('each answer belongs to the question of its place', () => {
  const output = [
    ...['a banner of the account', 'time\t1700000000'],
    ...['program\t0\t/bin/a', 'program\t1\t', 'sudo-program\t0\t/sbin/c'],
    ...['path\t0\tthere\t100\t/my disk', 'path\t1\tmissing\t', 'path\t2\tmissing\tmuch'],
    'downloads\t50\t/',
    ...['gpu\tnvidia-smi\texit\t9', 'gpu\tnvidia-smi\tline\tno driver', 'gpu\t/dev/dri\tline\t'],
    'end\n',
  ].join('\n');
  const facts = hostFactsOf(output, questions);
  expect(facts).toEqual({
    time: 1_700_000_000,
    programs: new Map([
      ['a', '/bin/a'],
      ['b', undefined],
    ]),
    sudoPrograms: new Map([['c', '/sbin/c']]),
    paths: new Map([
      ['/x', { isThere: true, freeKibibytes: 100, disk: '/my disk' }],
      ['/y', { isThere: false, freeKibibytes: undefined, disk: undefined }],
      ['/z', { isThere: false, freeKibibytes: undefined, disk: undefined }],
    ]),
    downloads: { freeKibibytes: 50, disk: '/' },
    gpu: [
      { by: 'nvidia-smi', exitCode: 9, lines: ['no driver'] },
      { by: '/dev/dri', exitCode: 0, lines: [''] },
    ],
  });
});

test('whatever a host says, each question has an answer', () => {
  const words = fc.constantFrom(
    'time',
    'program',
    'path',
    'gpu',
    '\t',
    '\n',
    '0',
    '1',
    'line',
    'x',
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 40 }), (parts) => {
      const facts = hostFactsOf(parts.join(''), questions);
      expect([...facts.programs.keys()]).toEqual(questions.programs);
      expect([...facts.paths.keys()]).toEqual(questions.paths);
    }),
  );
});
