import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskJson } from '../../../src/core/fleet/json/mask-json.ts';
import { loadFleet } from '../../../src/core/fleet/load.ts';
import { isSecretName, redactFile, redactText, secretsOf } from '../../../src/core/fleet/redact.ts';
import type { RuntimesFile } from '../../../src/core/fleet/runtimes-file.ts';
import { posixWord } from '../../../src/core/shell-word.ts';
import { backendPart, hostPart, modelPart, runtimesPart } from '../../support/runtimes.ts';

function fileOf(document: unknown): RuntimesFile {
  const options = { mode: 'strict', file: 'runtimes.json' } as const;
  const { result } = loadFleet(Buffer.from(JSON.stringify(document)), options);
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result.value.file;
}

test.for(['HF_TOKEN', 'api_key', 'MY_SECRET_1', 'PGPASSWORD', 'CREDENTIALS'])(
  'the value of %s is a secret',
  (name) => expect(isSecretName(name)).toBe(true),
);

test.for(['HOME', 'GGML_VK_DEVICE', 'PATH'])('the value of %s is none', (name) =>
  expect(isSecretName(name)).toBe(false),
);

test.for(['api_key', 'Access_Token', 'HF_TOKEN'])(
  'a value that many texts have by chance is hidden beside its name in any case: %s',
  (name) => {
    const backends = [{ ...backendPart({ id: 'b' }), env: { [name]: '12345' } }];
    const secrets = secretsOf(fileOf(runtimesPart({ backends })));
    const shown = redactText(`env ${name}='12345' serve`, secrets);
    expect(shown).toContain('[REDACTED]');
    expect(shown).not.toContain('12345');
  },
);

const secret = fc
  .string({ minLength: 4, maxLength: 20, unit: 'grapheme-ascii' })
  .filter((text) => /\w/.test(text) && !'[REDACTED]'.includes(text))
  // A command would have it as a variable of templates.
  .filter((text) => !/\{[a-z_][a-z0-9_]*\}/.test(text));

test('a secret is in no part of a file that is shown, whatever repeats it', () => {
  fc.assert(
    fc.property(secret, (text) => {
      const marked = `S3cr3t${text}`;
      const word = posixWord(marked);
      const command = `run ${word} ${word}`;
      const file = fileOf(
        runtimesPart({
          hosts: [
            hostPart({
              connection: { password: marked },
              health: { check_cmd: `echo ${word}` },
              model_control: { stop_cmd: command, cleanup_cmd: command },
            }),
          ],
          backends: [
            backendPart({
              env: { API_KEY: marked, OTHER: `x${marked}` },
              args: ['--x', marked, `--y=${marked}`],
              apply_cmd: command,
            }),
          ],
          models: [modelPart({ launch: { start_cmd: command, probe_cmd: command } })],
        }),
      );
      const shown = JSON.stringify(redactFile(file));
      expect(shown).not.toContain('S3cr3t');
      expect(secretsOf(file)).toContain(marked);
    }),
  );
});

test('keys and order of what is shown are those of the file', () => {
  const file = fileOf(
    runtimesPart({
      hosts: [hostPart({ connection: { host: 'a', key_path: '~/.ssh/id', user: 'u' } })],
      backends: [backendPart({ env: { B: '1', HF_TOKEN: 'x', A: '2' } })],
    }),
  );
  const shown = redactFile(file);
  expect(shown.hosts[0]?.connection).toEqual({ host: 'a', user: 'u', key_path: '[REDACTED]' });
  expect(Object.entries(shown.backends[0]?.env ?? {})).toEqual([
    ['B', '1'],
    ['HF_TOKEN', '[REDACTED]'],
    ['A', '2'],
  ]);
});

const texts: readonly (readonly [text: string, secrets: readonly string[], shown: string])[] = [
  ["curl -H 'hunter2'", ['hunter2'], "curl -H '[REDACTED]'"],
  [String.raw`x 'it'\''s'`, ["it's"], "x '[REDACTED]'"],
  ['port 8080 is 80', ['80'], 'port 8080 is [REDACTED]'],
  ['abcd abc', ['abc', 'abcd'], '[REDACTED] [REDACTED]'],
  ['nothing', ['', 'no'], 'nothing'],
  ['ab', ['', '\n'], 'ab'],
  ['a.b.c aXb', ['a.b'], '[REDACTED].c aXb'],
  ['HF_TOKEN=abc run', [], 'HF_TOKEN=[REDACTED] run'],
  ["A=1 API_KEY='a b' run", [], 'A=1 API_KEY=[REDACTED] run'],
  ['run --api-key abc --port 1', [], 'run --api-key [REDACTED] --port 1'],
  ['run -hft abc; x', [], 'run -hft [REDACTED]; x'],
  ['HF_TOKEN=$OTHER run --api-key "$KEY"', [], 'HF_TOKEN=$OTHER run --api-key [REDACTED]'],
  ['KEY={model_id} --api-key {model_id}', [], 'KEY={model_id} --api-key {model_id}'],
  ['keys=1 max_tokens=5 --monkey=2', [], 'keys=1 max_tokens=5 --monkey=2'],
  ["HF_TOKEN='s3cr3t' run", ['s3cr3t'], "HF_TOKEN='[REDACTED]' run"],
];

test.for(texts)('%j is shown without %j', ([text, secrets, shown]) => {
  expect(redactText(text, secrets)).toBe(shown);
});

test.for(['true', 'False', 'yes', 'NO', 'on', 'off', '', '1', '65535'])(
  'a variable that is named like a secret and has %j hides that beside its name alone',
  (value) => {
    const env = { TOKENIZERS_PARALLELISM: value };
    const file = fileOf(runtimesPart({ backends: [backendPart({ env })] }));
    expect(secretsOf(file)).toEqual([]);
    expect(redactFile(file).backends[0]?.env).toEqual({ TOKENIZERS_PARALLELISM: '[REDACTED]' });
    const told = (shown: string) => `at 127.0.0.${value} ${value} TOKENIZERS_PARALLELISM=${shown}`;
    expect(redactText(told(value || "''"), secretsOf(file))).toBe(told('[REDACTED]'));
  },
);

test.for(['123456', '0x1', 'truest', ' true', '1\n', 'here'])(
  'a variable that is named like a secret and has %j hides that everywhere',
  (value) => {
    const backends = [backendPart({ env: { NCCL_KEY: value } })];
    expect(secretsOf(fileOf(runtimesPart({ backends })))).toEqual([value]);
  },
);

test('a password and the value of a secret flag are hidden everywhere, however short they are', () => {
  const hosts = [hostPart({ transport: 'ssh', connection: { host: 'lab', password: '1' } })];
  const backends = [backendPart({ args: ['--api-key', 'off'] })];
  expect(secretsOf(fileOf(runtimesPart({ hosts, backends })))).toEqual(['1', 'off']);
});

const lines: readonly (readonly [text: string, masked: string])[] = [
  ['{"password":"hunter2","user":"x"}', '{"password":"•••••••","user":"x"}'],
  ['{"password": hunter2 more, "user": "y"}', '{"password": ••••••• ••••, "user": "y"}'],
  ['{"passwrod": "a\\"b", "key-path": "c"}', '{"passwrod": "••••", "key-path": "•"}'],
  ['{"password":{"a":[1,"b"]},"d":1}', '{"password":{"•":[•,"•"]},"d":1}'],
  ['{"password": "not closed', '{"password": "••••••••••'],
  ["{'password': 'abc', k: 1}", "{'password': '•••', k: 1}"],
  ['{"env": {"A_KEY": "v1", "B": "v2"}}', '{"env": {"A_KEY": "••", "B": "v2"}}'],
  ['["--api-key", "abcd", "--x"]', '["--api-key", "••••", "--x"]'],
  ['["--api-key=abcd"]', '["••••••••••••••"]'],
  ['{"password": "abcd", "x_cmd": "echo abcd"}', '{"password": "••••", "x_cmd": "echo ••••"}'],
  ['{"password" "a"}', '{"password" "•"}'],
  ['{"password" = "a"}', '{"password" • "•"}'],
  ['{"password", "a"}', '{"password", "•"}'],
  ['{"max_tokens": 5}', '{"max_tokens": 5}'],
];

test.for(lines)('%j is an excerpt as %j', ([text, masked]) => {
  expect(maskJson(text)).toBe(masked);
});

test('an excerpt has the path of a key in no form, be it what `~/` of it stands for', () => {
  const text = '{"key_path": "~/keys/id", "x_cmd": "scp -i /home/me/keys/id y"}';
  expect(maskJson(text, '/home/me/')).toBe(
    '{"key_path": "•••••••••", "x_cmd": "scp -i •••••••••••••••• y"}',
  );
});

test('the path of a key is hidden as it is written and as ssh gets it', () => {
  const connection = { host: 'lab', key_path: '~/keys/id' };
  const hosts = [hostPart({ transport: 'ssh', connection })];
  const told = ['"~/keys/id"', '/home/me/keys/id: no such file', "x='/home/me/keys/id'"].join('\n');
  const hidden = ['"[REDACTED]"', '[REDACTED]: no such file', "x='[REDACTED]'"].join('\n');
  for (const home of ['/home/me', '/home/me/', undefined]) {
    const file = { ...fileOf(runtimesPart({ hosts })), home };
    const shown = redactText(told, secretsOf(file));
    expect(shown).toBe(home === undefined ? told.replace('~/keys/id', '[REDACTED]') : hidden);
  }
  // Where it is nobody's home, it is what it says.
  const whole = hostPart({ connection: { key_path: '/keys/id' } });
  const file = { ...fileOf(runtimesPart({ hosts: [whole] })), home: '/home/me' };
  expect(secretsOf(file)).toEqual(['/keys/id']);
});

test('a masked text has its lines and columns where they were', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom(
          '"password"',
          ':',
          '"a"',
          '{',
          '}',
          ',',
          '\n',
          '"',
          '\\',
          ' ',
          'x',
          "'",
          '[',
          ']',
        ),
      }),
      (text) => {
        const masked = maskJson(text);
        expect(masked.length).toBe(text.length);
        expect(masked.replace(/[^\n]/g, '')).toBe(text.replace(/[^\n]/g, ''));
      },
    ),
  );
});
