import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { controlTable } from '../src/core/hive/control-file/table.ts';
import { digestOf } from '../src/host/hive/server/keys.ts';
import { codeBlocks, readText } from './support/doc-lines.ts';
import { tinyModel } from './support/gguf.ts';
import { realLlamaServer } from './support/llama-server.ts';

const program = fileURLToPath(new URL('../dist/vllmd.mjs', import.meta.url));
const server = realLlamaServer();
const page = readText('docs/hive.md');

type Day = { readonly cwd: string; readonly env: NodeJS.ProcessEnv };

test.skipIf(server.isMissing)(
  'who does what docs/hive.md says, block by block, sees what it shows',
  async () => {
    const ports = { registry: await freePort(), llama: await freePort() };
    const day = firstDay(ports.registry);
    let printed = '';
    for (const { language, body } of codeBlocks(page)) {
      const text = inItsPlace(withoutIndent(body), day, ports);
      const file = fileOf(language, text);
      if (file !== undefined) writeFileSync(join(day.cwd, file), text);
      if (language === 'sh') printed = await enter(text, day);
      if (language === 'text') expect(missingFrom(printed, text), printed).toEqual([]);
    }
  },
);

/** As which file a block is written. */
function fileOf(language: string, text: string): string | undefined {
  if (language === 'yaml') return nameOf(text);
  if (language === 'toml') return text.includes('schema_version') ? 'vllmd.toml' : 'llama.toml';
  return language === 'json' ? 'host.json' : undefined;
}

test('docs/hive.md tells every key of control.yaml and its default', () => {
  const [, table = ''] = /^## control\.yaml$(.*?)^## /ms.exec(page) ?? [];
  const rows = [...table.matchAll(/^\| `([\w.]+)` \| (.*?) \|/gm)].map(
    ([, key = '', value = '']) => `${key}: ${value.replaceAll('`', '')}`,
  );
  // Where the file names no database, the command has a name.
  const expected = defaultsOf(controlTable).map((line) =>
    line.replace('sqlite_path: none', 'sqlite_path: hive.sqlite'),
  );
  expect(rows).toEqual(expected);
});

function defaultsOf({ fields }: typeof controlTable, prefix = ''): readonly string[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const key = `${prefix}${name}`;
    if (field.kind === 'object') return defaultsOf(field, `${key}.`);
    const value = String(field.default ?? '');
    return [`${key}: ${value === '' ? 'none' : value}`];
  });
}

/** A directory with a model, and a PATH with what a new user has installed. */
function firstDay(port: number): Day {
  const cwd = mkdtempSync(join(tmpdir(), 'vllmd-hive-docs-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  mkdirSync(join(cwd, 'bin'));
  const programs = { vllmd: [process.execPath, program], 'llama-server': [server.path] };
  for (const [name, argv] of Object.entries(programs)) {
    const words = argv.map((word) => `'${word}'`).join(' ');
    writeFileSync(join(cwd, 'bin', name), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  }
  writeFileSync(join(cwd, 'small.gguf'), tinyModel());
  // Where vllmd looks by itself is the port of the document.
  const url = `http://127.0.0.1:${port}`;
  const PATH = `${join(cwd, 'bin')}:${process.env['PATH']}`;
  return { cwd, env: { PATH, HOME: cwd, VLLMD_HIVE_URL: url } };
}

/** A port that nobody has at the moment. */
async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  listener.close();
  await once(listener, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Each of the files begins with another key. */
function nameOf(text: string): string {
  if (text.startsWith('roles:')) return 'roles.yaml';
  return text.startsWith('host:') ? 'inventory.yaml' : 'control.yaml';
}

function withoutIndent(body: string): string {
  const [indent = ''] = /^ */.exec(body) ?? [];
  return body.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
}

/** The folder of the model, the two ports and the two digests are those of this run; all else is as it is written. */
function inItsPlace(
  text: string,
  { cwd }: Day,
  { registry, llama }: { readonly registry: number; readonly llama: number },
): string {
  const digest = (file: string) => () =>
    Buffer.from(digestOf(readFileSync(join(cwd, file), 'utf8'))).toString('hex');
  return text
    .replaceAll('/srv/models', cwd)
    .replaceAll('8800', String(registry))
    .replaceAll('8080', String(llama))
    .replaceAll('DIGEST_OF_CLIENT_KEY', digest('client.key'))
    .replaceAll('DIGEST_OF_NODE_KEY', digest('node.key'));
}

/** What the lines print. What stays in its terminal is waited for until it listens or has seen a service, and ended with the test. */
async function enter(lines: string, { cwd, env }: Day): Promise<string> {
  if (/^(?:llama-server|vllmd hive (?:serve|agent)) /.test(lines))
    return start(lines, { cwd, env });
  const { status, stdout, stderr } = spawnSync('bash', ['-ec', lines], {
    ...{ cwd, env, encoding: 'utf8', timeout: 60_000 },
  });
  expect(status, `${lines}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

async function start(line: string, { cwd, env }: Day): Promise<string> {
  const child = spawn('bash', ['-c', `exec ${line}`], { cwd, env });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  let said = '';
  const note = (chunk: unknown) => {
    said += String(chunk);
  };
  child.stdout.on('data', note);
  child.stderr.on('data', note);
  while (!/(?:listening on http:\S+|: healthy)\n/.test(said)) {
    if (child.exitCode !== null) throw new Error(`${line} has ended:\n${said}`);
    await wait(20);
  }
  return said;
}

/** What of the shown text is not there, in its order; `…` stands for what is left out. */
function missingFrom(printed: string, shown: string): readonly string[] {
  const parts = shown.split(/…|\n/).filter((part) => part.trim() !== '');
  let next = 0;
  return parts.filter((part) => {
    const at = printed.indexOf(part, next);
    if (at >= 0) next = at + part.length;
    return at < 0;
  });
}
