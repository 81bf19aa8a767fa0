import fc from 'fast-check';
import { expect, test } from 'vitest';
import { variablesOf } from '../../../../src/core/fleet/plan/fill.ts';
import {
  lacksSecret,
  withoutSecrets,
  withSecrets,
} from '../../../../src/core/fleet/plan/recorded-variables.ts';
import type { RuntimeBackend, RuntimesFile } from '../../../../src/core/fleet/runtimes-file.ts';
import { backend, host, model, planned, recordOf } from './samples.ts';

function fileOf(
  more: Pick<RuntimeBackend, 'args' | 'env'>,
  source = '/models/m1.gguf',
): RuntimesFile {
  return {
    hosts: [
      host({
        id: 'h1',
        capabilities: { gpu: [], backends: ['b1', 'b2'] },
        model_control: { stop_cmd: 'stop {backend_env} {backend_args}' },
      }),
    ],
    backends: [backend({ id: 'b1', ...more }), backend({ id: 'b2' })],
    models: [
      model({ id: 'm1', backend_policy: ['b1'], source }),
      model({ id: 'm2', backend_policy: ['b2'] }),
    ],
  };
}

/** The stop of what ran by one file, when the other one is in its place. */
function stopAfter(before: RuntimesFile, later: RuntimesFile) {
  const active = recordOf(planned(before, 'm1'));
  const { steps, warnings } = planned(later, 'm2', { active });
  return { command: steps[0]?.command, warnings };
}

const args = ['--api-key', 'AAAAsecret', '--hf-token', 'BBBBsecret'];
const env = { API_KEY: 'CCCCsecret', HF_TOKEN: 'DDDDsecret' };
const missed = expect.stringMatching(/^a secret that the active runtime was started with is not/);

test('two hidden arguments and two hidden variables each come back as what they were', () => {
  const file = fileOf({ args, env });
  expect(stopAfter(file, file)).toEqual({
    command:
      "stop API_KEY='CCCCsecret' HF_TOKEN='DDDDsecret' '--api-key' 'AAAAsecret' '--hf-token' 'BBBBsecret'",
    warnings: [],
  });
});

test('where arguments have moved in the file, each secret is known by the option before it', () => {
  const [key, a, token, b] = args;
  const moved = ['-v', token, b, key, a].filter((word) => word !== undefined);
  const { HF_TOKEN, API_KEY } = env;
  const later = fileOf({ args: moved, env: { HF_TOKEN, API_KEY } });
  expect(stopAfter(fileOf({ args, env }), later)).toEqual({
    command:
      "stop API_KEY='CCCCsecret' HF_TOKEN='DDDDsecret' '--api-key' 'AAAAsecret' '--hf-token' 'BBBBsecret'",
    warnings: [],
  });
});

test.for<readonly [string, readonly string[], readonly string[]]>([
  ['one of two is gone', ['--api-key', 'AAAA1', '--api-key', 'BBBB1'], ['--api-key', 'BBBB1']],
  ['one of one has become two', ['--api-key', 'AAAA1'], ['--api-key', 'B', '--api-key', 'AAAA1']],
  ['another option has one there', ['--api-key', 'AAAA1'], ['--hf-token', 'BBBB1']],
])('a hidden argument stays hidden, with a warning, where %s', ([, before, later]) => {
  const { command, warnings } = stopAfter(fileOf({ args: before }), fileOf({ args: later }));
  expect(command).toBe(
    `stop  ${before.map((word) => `'${word.startsWith('-') ? word : '[REDACTED]'}'`).join(' ')}`,
  );
  expect(warnings).toEqual([missed]);
});

const word = fc.oneof(
  fc.constantFrom('--api-key', '--hf-token', '-ngl', '99', 'AAAAsecret', 'BBBBsecret', ''),
  fc.constantFrom('--api-key=AAAAsecret', 'x-AAAAsecret-y', '[REDACTED]'),
  fc.string({ maxLength: 8 }),
);
const name = fc.constantFrom('API_KEY', 'HF_TOKEN', 'A_PASSWORD', 'DEVICE', 'MODE');

test('what a record hides of a start comes back as it was, from the file as it was', () => {
  fc.assert(
    fc.property(
      fc.record({ args: fc.array(word, { maxLength: 8 }), env: fc.dictionary(name, word) }),
      word,
      (more, ending) => {
        const file = fileOf(more, `/models/${ending}`);
        const [place] = file.hosts;
        const [used] = file.backends;
        const [served] = file.models;
        if (place === undefined || served === undefined) throw new Error('the file has them');
        const target = { model: served, host: place, backend: used };
        const variables = withoutSecrets(target, file);
        const recorded = { model_id: 'm1', backend_id: 'b1', variables };
        expect(withSecrets(recorded, file)).toEqual(variablesOf(target));
      },
    ),
  );
});

test('only what is hidden is missed', () => {
  const [place] = fileOf({}).hosts;
  const [served] = fileOf({}).models;
  if (place === undefined || served === undefined) throw new Error('the file has them');
  const plain = variablesOf({ model: served, host: place, backend: undefined });
  expect(lacksSecret(plain)).toBe(false);
  expect(lacksSecret({ ...plain, backend_args: ['[REDACTED]'] })).toBe(true);
});
