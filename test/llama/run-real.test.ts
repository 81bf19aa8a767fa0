import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { brokenModels, shardedModel, tinyModel } from '../support/gguf.ts';
import { becomes, freePort, isRunning } from '../support/llama-run.ts';
import { ask, realLlamaServer } from '../support/llama-server.ts';
import { startProgram } from '../support/program.ts';

const real = realLlamaServer();
const built = fileURLToPath(new URL('../../dist/vllmd.mjs', import.meta.url));
const chat = { messages: [{ role: 'user', content: 'hello' }], max_tokens: 4 };

type Row = {
  readonly name: string;
  readonly state: string;
  readonly pid: number | null;
  readonly exit_code: number | null;
  readonly url: string;
  readonly log: string;
  readonly reason: string | null;
};

describe.skipIf(real.isMissing)('llama run with the real llama-server', () => {
  let folder = '';
  const file = (name: string) => join(folder, name);
  const model = (name = 'tiny.gguf') => `model = "${file(name)}"`;

  beforeAll(() => {
    expect(existsSync(built), 'dist/vllmd.mjs: npm run build').toBe(true);
    folder = mkdtempSync(join(tmpdir(), 'vllmd-real-'));
    writeFileSync(file('tiny.gguf'), tinyModel());
    for (const { name, bytes } of shardedModel('whole', 3)) writeFileSync(file(name), bytes);
    for (const { name, bytes } of shardedModel('part', 3)) writeFileSync(file(name), bytes);
    rmSync(file('part-00003-of-00003.gguf'));
    for (const [name, bytes] of Object.entries(brokenModels())) writeFileSync(file(name), bytes);
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  /** A file with these server tables. */
  async function configOf(
    servers: Readonly<Record<string, readonly string[]>>,
  ): Promise<{ readonly config: string; readonly ports: ReadonlyMap<string, number> }> {
    const ports = new Map<string, number>();
    const tables = [
      `[master]\nllama_cpp_path = "${real.path}"`,
      `[instance.control]\nlog_dir = "${file('log')}"`,
      '[instance.server]\nthreads = 2\nno_ui = true',
    ];
    for (const [name, lines] of Object.entries(servers)) {
      const port = await freePort();
      ports.set(name, port);
      tables.push([`[instance.${name}.server]`, `port = ${port}`, ...lines].join('\n'));
    }
    const config = file(`${Object.keys(servers).join('-')}.toml`);
    writeFileSync(config, `${tables.join('\n')}\n`);
    return { config, ports };
  }

  type Ran = {
    readonly code: number;
    readonly stderr: string;
    readonly row: (name: string) => Row;
    readonly pids: readonly number[];
  };

  /** The program to its end; what it leaves running is ended with the test. */
  async function run(config: string): Promise<Ran> {
    const { PATH, HOME } = process.env;
    const { code, stdout, stderr } = await new Promise<{
      code: number;
      stdout: string;
      stderr: string;
    }>((resolve) => {
      const argv = [built, 'llama', 'run', '--config', config, '--json'];
      execFile(process.execPath, argv, { env: { PATH, HOME } }, (error, out, err) => {
        resolve({ code: Number(error?.code ?? 0), stdout: out, stderr: err });
      });
    });
    const { instances }: { readonly instances: readonly Row[] } = JSON.parse(stdout);
    const pids = instances.flatMap(({ pid, state }) =>
      state === 'healthy' && pid !== null ? pid : [],
    );
    onTestFinished(async () => {
      for (const pid of pids) if (isRunning(pid)) process.kill(pid, 'SIGTERM');
      for (const pid of pids) await becomes(() => !isRunning(pid));
    });
    const row = (name: string) => {
      const found = instances.find((one) => one.name === name);
      if (found === undefined) throw new Error(`no ${name} in ${stdout}`);
      return found;
    };
    return { code, stderr, row, pids };
  }

  test('two instances of one file answer by their alias, and run on when the command has ended', async () => {
    const { config, ports } = await configOf({
      one: [model(), 'alias = "first"', 'api_prefix = "/llm"'],
      two: [
        model('whole-00001-of-00003.gguf'),
        'alias = "second"',
        'api_key = "tell-nobody"',
        'host = "0.0.0.0"',
      ],
    });
    const { code, stderr, row, pids } = await run(config);
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('2 instances running'),
    });
    expect(row('one').url).toBe(`http://127.0.0.1:${ports.get('one')}/llm`);
    expect(row('two').url).toBe(`http://127.0.0.1:${ports.get('two')}`);
    for (const [name, alias] of [
      ['one', 'first'],
      ['two', 'second'],
    ] as const) {
      const { url } = row(name);
      expect(await ask(`${url}/health`)).toEqual({ status: 200, json: { status: 'ok' } });
      expect(await ask(`${url}/v1/models`, undefined, 'tell-nobody')).toMatchObject({
        json: { data: [{ id: alias }] },
      });
      expect(await ask(`${url}/v1/chat/completions`, chat, 'tell-nobody')).toMatchObject({
        status: 200,
        json: { model: alias, choices: [{ message: { role: 'assistant' } }] },
      });
    }
    expect(await ask(`${row('two').url}/v1/models`)).toMatchObject({ status: 401 });
    for (const pid of pids) {
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain('tell-nobody');
    }
  });

  test('what stands in the way of an instance is one line each, and the others are healthy', async () => {
    const { config, ports } = await configOf({
      flag: [model(), 'extra_args = ["--no-such-flag"]'],
      absent: [model('absent.gguf')],
      busy: [model()],
      shard: [model('part-00001-of-00003.gguf')],
      value: [model(), 'threads = "x"'],
      broken: [`model = "${file('wrong magic')}"`],
      good: [model()],
    });
    const server = createServer();
    onTestFinished(() => void server.close());
    await new Promise<void>(
      (resolve) => void server.listen(ports.get('busy'), '127.0.0.1', resolve),
    );
    const { code, stderr, row } = await run(config);
    expect(code).toBe(4);
    const lines = stderr.split('\n');
    const said = (text: string) => lines.filter((line) => line.includes(text)).length;
    const log = (name: string) => file(`log/llama-server-${name}.log`);
    expect(stderr).toContain(
      `error: instance "flag" ended before it was healthy: exit code 1: it does not know --no-such-flag; log ${log('flag')}`,
    );
    expect(stderr).toContain(
      `error[llama-model-file]: instance.absent.server.model: there is no such model here: ${file('absent.gguf')}`,
    );
    expect(stderr).toContain(
      `error: instance "busy" is not started: port ${ports.get('busy')} of 127.0.0.1 is taken by another process; log ${log('busy')}`,
    );
    expect(stderr).toContain(
      `error[llama-model-file]: instance.shard.server.model: 1 of 3 shards is missing: ${file('part-00003-of-00003.gguf')}`,
    );
    expect(row('value').reason).toBe(
      'ended before it was healthy: exit code 1: argument "--threads": stoi',
    );
    expect(row('broken').reason).toMatch(
      /^ended before it was healthy: exit code 1: the model does not load: /,
    );
    expect(row('good').state).toBe('healthy');
    expect(said('6 of 7 instances failed')).toBe(1);
    expect(said('error: instance "flag"')).toBe(1);
  });

  test('a port that is taken between the look and the start is told by what llama-server says', async () => {
    const { config, ports } = await configOf({ one: [model(), 'reuse_port = true'] });
    const server = createServer();
    onTestFinished(() => void server.close());
    await new Promise<void>(
      (resolve) => void server.listen(ports.get('one'), '127.0.0.1', resolve),
    );
    const { code, row } = await run(config);
    expect([code, row('one').reason]).toEqual([
      4,
      `ended before it was healthy: exit code 1: it cannot listen on 127.0.0.1, port ${ports.get('one')}: taken, or not of this machine`,
    ]);
  });

  test('a run that waits hands SIGTERM on, collects all and ends with 0', async () => {
    const { config } = await configOf({ one: [model()], two: [model()] });
    const program = startProgram([
      built,
      'llama',
      'run',
      '--config',
      config,
      '--wait',
      '--json',
      '--quiet',
    ]);
    const line: { readonly instances: readonly Row[] } = JSON.parse((await program.line()) ?? '');
    expect(line.instances).toMatchObject([{ state: 'healthy' }, { state: 'healthy' }]);
    process.kill(program.pid, 'SIGTERM');
    const last: { readonly instances: readonly Row[] } = JSON.parse((await program.line()) ?? '');
    expect(last.instances).toMatchObject([
      { state: 'stopped', exit_code: 0 },
      { state: 'stopped', exit_code: 0 },
    ]);
    expect(await program.end()).toBe(0);
    for (const { pid } of line.instances) expect(isRunning(pid ?? 0)).toBe(false);
  });

  test('the end of vllmd by force leaves the instances as they are', async () => {
    const { config } = await configOf({ one: [model()] });
    const program = startProgram([
      built,
      'llama',
      'run',
      '--config',
      config,
      '--wait',
      '--json',
      '--quiet',
    ]);
    const line: { readonly instances: readonly Row[] } = JSON.parse((await program.line()) ?? '');
    const [{ pid, url } = { pid: 0, url: '' }] = line.instances;
    process.kill(program.pid, 'SIGKILL');
    expect(await program.end()).toBe('SIGKILL');
    expect(await ask(`${url}/health`)).toMatchObject({ status: 200 });
    process.kill(pid ?? 0, 'SIGTERM');
    expect(await becomes(() => !isRunning(pid ?? 0))).toBe(true);
  });

  test('an instance on a UNIX socket is healthy there', async () => {
    const { config } = await configOf({ sock: [model(), `host = "${file('one.sock')}"`] });
    const { code, row } = await run(config);
    expect([code, row('sock').url]).toEqual([0, `unix:${file('one.sock')}`]);
  });
});
