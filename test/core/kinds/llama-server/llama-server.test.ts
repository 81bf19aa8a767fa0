import fc from 'fast-check';
import { expect, test } from 'vitest';
import { controlCharacter } from '../../../../src/core/control-characters.ts';
import { healthCheckOf, needsCurl } from '../../../../src/core/kinds/llama-server/health-check.ts';
import { renderLlama } from '../../../../src/core/kinds/llama-server/llama-server.ts';
import { logPlaceOf } from '../../../../src/core/kinds/llama-server/log-place.ts';
import type { Endpoint, LlamaInstance } from '../../../../src/core/llama/instance.ts';
import type { Artefact } from '../../../../src/core/render/artefact.ts';
import { unitCommand } from '../../../../src/core/render/escape/systemd.ts';
import { readEnvironmentFile } from '../../../support/env-file-grammar.ts';
import { instancesOf, noLlamaContext, twoInstances } from '../../../support/llama-host.ts';
import { commandOf, readUnitFile, valuesOf } from '../../../support/unit-file-grammar.ts';

const texts = fc
  .string({ unit: 'grapheme', maxLength: 30 })
  .filter((text) => controlCharacter(text) === undefined);

const [small] = instancesOf(twoInstances());
if (small === undefined) throw new Error('there is an instance');

function textAt(artefacts: readonly Artefact[], path: string): string {
  const found = artefacts.find((artefact) => artefact.path === path);
  if (found?.type !== 'file') throw new Error(`no file ${path}`);
  return found.text;
}

const dropIn = '/etc/systemd/system/vllmd-llama@small.service.d/10-vllmd.conf';

function commandIn(artefacts: readonly Artefact[], key: string): readonly string[] {
  const [value = ''] = valuesOf(readUnitFile(textAt(artefacts, dropIn)), key);
  return commandOf(value, new Map([['HOME', 'wrong']]));
}

test('systemd reads every argument as it was, whatever is in it', () => {
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 8 }), texts, (words, log) => {
      const logFile = `/var/log/x/${log}y`;
      const instance: LlamaInstance = {
        ...small,
        control: { ...small.control, logFile, isLogNamed: true },
        launch: { arguments: words, secrets: new Map([['LLAMA_API_KEY', `k${log}`]]) },
      };
      const artefacts = renderLlama([instance], noLlamaContext);
      expect(commandIn(artefacts, 'ExecStart')).toEqual([
        ...['/etc/vllmd/libexec/llama-log', logFile, 'llama-server', ...words],
      ]);
      expect(commandIn(artefacts, 'ExecStartPost').at(-1)).toBe(logFile);
      const secrets = readEnvironmentFile(textAt(artefacts, '/etc/vllmd/llama/small.secrets'));
      expect(secrets.get('LLAMA_API_KEY')).toBe(`k${log}`);
    }),
    { numRuns: 300 },
  );
});

test('no secret is in a command line or in a file that others may read', () => {
  const instances = instancesOf(
    twoInstances('hf_token = "hf-secret"\n', 'api_key = "sk-secret"\n'),
  );
  for (const artefact of renderLlama(instances, noLlamaContext)) {
    if (artefact.type !== 'file' || !artefact.text.includes('-secret')) continue;
    expect(artefact).toMatchObject({ mode: 0o600, sensitive: true, owner: { uid: 0 } });
  }
});

test('a control character cannot be written, and an argument may be empty', () => {
  expect(unitCommand(['a', '', 'b c', '";', '\\', '%$'])).toBe('a "" "b c" "\\";" "\\\\" "%%$"');
  expect(unitCommand(['root ::= "a"\n\t%'])).toBe(String.raw`"root ::= \"a\"\n\t%%"`);
  expect(() => unitCommand(['secret\u001b'])).toThrow(/^(?!.*secret).*\\u\{1b\} as character 7$/);
});

test.for([
  [{ host: '' }, ['http', '127.0.0.1', '8080', '']],
  [{ host: '0.0.0.0', apiPrefix: '/llm' }, ['http', '127.0.0.1', '8080', '/llm']],
  [{ host: '::' }, ['http', '::1', '8080', '']],
  [{ host: '[::1]' }, ['http', '::1', '8080', '']],
  [{ host: '192.0.2.7, 127.0.0.1' }, ['http', '192.0.2.7', '8080', '']],
  [{ host: 'gpu.example', isTls: true }, ['https', 'gpu.example', '8080', '']],
  [{ host: '/run/x.sock' }, ['unix', '/run/x.sock', '0', '']],
] as const)('an instance that listens as %j is asked with %j', ([given, words]) => {
  const endpoint: Endpoint = { port: 8080, isTls: false, apiPrefix: '', ...given };
  expect(healthCheckOf(endpoint, '/l')).toEqual([
    ...['/etc/vllmd/libexec/llama-health', ...words, '/l'],
  ]);
  expect(needsCurl(endpoint)).toBe(words[0] !== 'http');
});

test.for([
  ['/var/log/llama/x.log', 'llama', ''],
  ['/var/log/a/b/x.log', 'a/b', ''],
  ['/var/log/x.log', '', '/var/log'],
  ['/var/log/a:b/x.log', '', '/var/log/a:b'],
  ['/srv/x.log', '', '/srv'],
  ['/tmp/x.log', '', ''],
  ['/var/tmp/deep/x.log', '', ''],
  ['/var/lib/vllmd-llama/small/x.log', '', ''],
  ['/srv/../x.log', '', ''],
  ['x.log', '', ''],
] as const)('a log %s', ([logFile, logsDirectory, writableDirectory]) => {
  const control = { ...small.control, logFile, isLogNamed: true };
  expect(logPlaceOf({ ...small, control })).toEqual({
    file: logFile,
    logsDirectory,
    writableDirectory,
  });
});

test('an instance whose file names no log has it in the journal, and none no port no check', () => {
  const artefacts = renderLlama([{ ...small, endpoint: undefined }], noLlamaContext);
  expect(commandIn(artefacts, 'ExecStart')[0]).toBe('llama-server');
  expect(valuesOf(readUnitFile(textAt(artefacts, dropIn)), 'ExecStartPost')).toEqual([]);
});

test('without instances there is nothing, and the order of the file makes no difference', () => {
  expect(renderLlama([], noLlamaContext)).toEqual([]);
  const instances = instancesOf(twoInstances());
  expect(renderLlama(instances.toReversed(), noLlamaContext)).toEqual(
    renderLlama(instances, noLlamaContext),
  );
});

test('an instance without GPUs may open none of their nodes', () => {
  const control = { ...small.control, gpuIds: 'none' };
  const own = readUnitFile(textAt(renderLlama([{ ...small, control }], noLlamaContext), dropIn));
  expect(valuesOf(own, 'DeviceAllow')).toEqual([]);
  expect(valuesOf(own, 'SupplementaryGroups')).toEqual([]);
  const usual = readUnitFile(
    textAt(renderLlama([small], { ...noLlamaContext, gpuGroups: ['video'] }), dropIn),
  );
  expect(valuesOf(usual, 'DeviceAllow')).toEqual(['char-nvidia* rw', 'char-kfd rw', 'char-drm rw']);
  expect(valuesOf(usual, 'SupplementaryGroups')).toEqual(['video']);
});
