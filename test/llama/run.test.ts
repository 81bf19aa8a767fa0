import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { localServers } from '../../src/host/servers/servers.ts';
import { becomes, freePort, instances, isRunning, llamaRun } from '../support/llama-run.ts';
import { ask, fakeLlamaServer, startsOf } from '../support/llama-server.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const fails = { says: 'it is over', end: { afterMs: 0, code: 1 } };
const loads = { loadMs: null };

function pidOf(model: string): number {
  return startsOf(model).at(-1)?.pid ?? 0;
}

function isListening(log: string): boolean {
  return existsSync(log) && readFileSync(log, 'utf8').includes('listening on');
}

function occupy(port: number): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(port, '127.0.0.1', () => resolve(server));
    onTestFinished(() => void server.close());
  });
}

test('instances are told when they are healthy, and run on', async () => {
  const { file, model, log, ports } = await instances({ b: {}, a: { model: { loadMs: 300 } } });
  const { code, out, err } = await llamaRun(['--config', file]).ended;
  expect({ code, err }).toEqual({
    code: 0,
    err: expect.stringContaining(
      `2 instances running: b (pid ${pidOf(model('b'))}), a (pid ${pidOf(model('a'))})\n`,
    ),
  });
  for (const name of ['a', 'b']) {
    const pid = pidOf(model(name));
    expect(out).toMatch(new RegExp(`^${name} {2}healthy after \\d+ s {2}http`, 'm'));
    expect(out).toContain(`  http://127.0.0.1:${ports.get(name)}  pid ${pid}  log ${log(name)}\n`);
    expect(isRunning(pid)).toBe(true);
  }
});

test('an instance gets its arguments, a session of its own and little of the environment', async () => {
  const { file, model, ports } = await instances({
    one: {
      server: ['api_key = "tell-nobody"', 'alias = "x y"', 'n_gpu_layers = 9'],
      control: ['gpu_ids = "0, 1"'],
    },
    two: { control: ['gpu_ids = "none"'] },
    three: {},
  });
  const env = {
    PATH: process.env['PATH'],
    HOME: '/root',
    LLAMA_ARG_PORT: '1',
    CUDA_VISIBLE_DEVICES: '7',
    TZ: 'UTC',
    WANTED: 'yes',
  };
  const { code } = await llamaRun(['--config', file, '--pass-env', 'WANTED', 'ABSENT'], { env })
    .ended;
  expect(code).toBe(0);
  const [one, two, three] = ['one', 'two', 'three'].map((name) => startsOf(model(name))[0]);
  const usual = { PATH: env.PATH, HOME: '/root', WANTED: 'yes' };
  expect(one?.argv).toEqual([
    '--model',
    model('one'),
    '--port',
    String(ports.get('one')),
    '--alias',
    'x y',
    '--n-gpu-layers',
    '9',
  ]);
  expect(one?.env).toEqual({ ...usual, CUDA_VISIBLE_DEVICES: '0,1', LLAMA_API_KEY: 'tell-nobody' });
  expect(two?.env).toEqual({ ...usual, CUDA_VISIBLE_DEVICES: '' });
  expect(three?.env).toEqual({ ...usual, CUDA_VISIBLE_DEVICES: '7' });
  const status = readFileSync(`/proc/${one?.pid}/stat`, 'utf8');
  expect(status).toMatch(new RegExp(`\\) \\S \\d+ ${one?.pid} ${one?.pid} 0 `));
});

test('a log is added to, and made with its directory where there is none', async () => {
  const { file, folder, log } = await instances({
    one: { model: { says: 'new line' }, control: ['log_file = "LOG"'] },
    two: {},
  });
  const own = join(folder, 'own.log');
  writeFileSync(file, readFileSync(file, 'utf8').replace('LOG', own));
  writeFileSync(own, 'old line\n', { mode: 0o600 });
  expect(await llamaRun(['--config', file]).ended).toMatchObject({ code: 0 });
  expect(readFileSync(own, 'utf8')).toMatch(/^old line\n.*new line\n/);
  expect(readFileSync(log('two'), 'utf8')).toContain('listening on');
  expect(statSync(log('two')).mode & 0o777).toBe(0o640);
});

test('an instance that ends before it is healthy is told with its log, and the others go on', async () => {
  const { file, model, log } = await instances({
    bad: {
      model: { ...fails, says: 'tell-nobody \u001b[2J' },
      server: ['api_key = "tell-nobody"'],
    },
    dead: { model: { end: { afterMs: 0, signal: 'SIGABRT' } } },
    good: {},
  });
  const { code, out, err } = await llamaRun(['--config', file]).ended;
  expect(code).toBe(4);
  expect(err).toContain(
    `error: instance "bad" ended before it was healthy: exit code 1; log ${log('bad')}\n  | 0.00.000.001 I srv  (sensitive) \\u{1b}[2J\n`,
  );
  expect(err).toContain(
    'instance "dead" ended before it was healthy: SIGABRT (it found something impossible); log ',
  );
  expect(err).toContain(
    `error: 2 of 3 instances failed\n1 instance running: good (pid ${pidOf(model('good'))})`,
  );
  expect(out).toMatch(/^good {2}healthy/);
});

test('an instance that ends with 0 before it is healthy has failed too', async () => {
  const { file } = await instances({ one: { model: { end: { afterMs: 0, code: 0 } } } });
  const { code, err } = await llamaRun(['--config', file]).ended;
  expect([code, err]).toEqual([
    4,
    expect.stringContaining('ended before it was healthy: exit code 0'),
  ]);
});

test('an instance that is not healthy in time is told and ended', async () => {
  const { file, model, log } = await instances({ slow: { model: loads }, good: {} });
  let passedMs = 0;
  const run = llamaRun(['--config', file], { now: () => passedMs });
  await becomes(() => run.world.out().includes('good') && isListening(log('slow')));
  // As if it had loaded for an hour.
  passedMs = 3_600_000;
  const { code, err } = await run.ended;
  expect(code).toBe(4);
  expect(err).toContain(
    'instance "slow" was not healthy within 10 min 0 s and is ended: it is still loading its model; log ',
  );
  expect(err).toMatch(/\n {2}\| .*listening on/);
  expect(isRunning(pidOf(model('slow')))).toBe(false);
  expect(isRunning(pidOf(model('good')))).toBe(true);
});

test('a port that is taken is told, and the instance is not started', async () => {
  const { file, model, ports } = await instances({ one: {}, two: {} });
  await occupy(ports.get('one') ?? 0);
  const { code, err } = await llamaRun(['--config', file]).ended;
  expect(code).toBe(4);
  expect(err).toContain(
    `error: instance "one" is not started: port ${ports.get('one')} of 127.0.0.1 is taken by another process; log `,
  );
  expect(err).toContain(`help: \`ss -ltnp 'sport = :${ports.get('one')}'\` shows by whom`);
  expect([startsOf(model('one')), startsOf(model('two')).length]).toEqual([[], 1]);
});

test('an address that is none of this machine is told, and one that several may share is left to llama-server', async () => {
  const { file, ports, model } = await instances({
    far: { server: ['host = "192.0.2.1"'] },
    shared: { server: ['reuse_port = true'] },
  });
  await occupy(ports.get('shared') ?? 0);
  const { code, err } = await llamaRun(['--config', file]).ended;
  expect(code).toBe(4);
  expect(err).toContain(
    `"far" is not started: it cannot listen on port ${ports.get('far')} of 192.0.2.1: it is no address of this machine`,
  );
  expect(err).toContain(
    `"shared" ended before it was healthy: exit code 1: it cannot listen on 127.0.0.1, port ${ports.get('shared')}`,
  );
  expect(startsOf(model('shared'))).toHaveLength(1);
});

test('a model that is not there is told with its line, and the others go on', async () => {
  const { file, model } = await instances({ one: {}, two: {} });
  writeFileSync(file, readFileSync(file, 'utf8').replace(model('one'), '/no/model.gguf'));
  const { code, err } = await llamaRun(['--config', file]).ended;
  expect(code).toBe(4);
  expect(err).toContain(
    'error[llama-model-file]: instance.one.server.model: there is no such model here: /no/model.gguf',
  );
  expect(err).toContain(`${file}:7:`);
  expect(err).toContain('1 of 2 instances failed');
});

test('nothing is started where the file is not valid, or an instance has no port', async () => {
  const { file, model } = await instances({ one: {}, two: {} });
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/port = \d+\n$/, 'port = 99999\n'));
  expect(await llamaRun(['--config', file]).ended).toMatchObject({ code: 3 });
  writeFileSync(file, text.replace(/port = \d+\n$/, ''));
  const { code, err } = await llamaRun(['--config', file]).ended;
  expect([code, err]).toEqual([
    3,
    expect.stringContaining('error[llama-port-missing]: instance.two: no port'),
  ]);
  expect(startsOf(model('one'))).toEqual([]);
});

test('nothing is started without a program that can be executed', async () => {
  const { file, folder, model } = await instances({ one: {} });
  const text = readFileSync(file, 'utf8');
  const tried = async (executable: string) => {
    writeFileSync(file, text.replace(fakeLlamaServer, executable));
    const { code, err } = await llamaRun(['--config', file], {
      env: { PATH: `${folder}:/nowhere` },
    }).ended;
    expect(code).toBe(6);
    return err;
  };
  writeFileSync(join(folder, 'plain'), '');
  expect(await tried('/no/llama-server')).toContain(
    'nothing is started: /no/llama-server does not exist',
  );
  expect(await tried(join(folder, 'plain'))).toContain('plain is not executable');
  expect(await tried(folder)).toContain(`${folder} is no file`);
  expect(await tried('llama-server-x')).toContain(
    `is in no directory of PATH (${folder}:/nowhere)`,
  );
  expect(await tried('plain')).toContain(`plain ${folder}/plain is not executable`);
  expect(startsOf(model('one'))).toEqual([]);
});

test('a program in PATH is found there, and libraries that lie beside a path are found by it', async () => {
  const { file, folder, model } = await instances({ one: {} });
  const text = readFileSync(file, 'utf8');
  copyFileSync(fakeLlamaServer, join(folder, 'my-server'));
  chmodSync(join(folder, 'my-server'), 0o755);
  writeFileSync(join(folder, 'libllama.so.0'), '');
  const env = { PATH: `${folder}:${process.env['PATH']}`, LD_LIBRARY_PATH: '/other' };
  writeFileSync(file, text.replace(fakeLlamaServer, 'my-server'));
  expect(await llamaRun(['--config', file], { env }).ended).toMatchObject({ code: 0 });
  process.kill(pidOf(model('one')), 'SIGKILL');
  expect(await becomes(() => !isRunning(pidOf(model('one'))))).toBe(true);
  writeFileSync(file, text.replace(fakeLlamaServer, join(folder, 'my-server')));
  expect(await llamaRun(['--config', file], { env }).ended).toMatchObject({ code: 0 });
  const libraries = startsOf(model('one')).map(({ env: given }) => given['LD_LIBRARY_PATH']);
  expect(libraries).toEqual([undefined, `${folder}:/other`]);
});

test('a program that cannot be started after all is told for its instance', async () => {
  const { file, folder } = await instances({ one: {} });
  writeFileSync(join(folder, 'broken'), '#!/no/interpreter\n', { mode: 0o755 });
  writeFileSync(file, readFileSync(file, 'utf8').replace(fakeLlamaServer, join(folder, 'broken')));
  const { code, err } = await llamaRun(['--config', file]).ended;
  expect([code, err]).toEqual([
    4,
    expect.stringContaining('instance "one" cannot be started: spawn '),
  ]);
});

test('a log that is a link, no file, or in no directory is told, and the others go on', async () => {
  const { file, folder, log, model } = await instances({
    link: {},
    nothing: {},
    other: { control: ['log_file = "LOG"'] },
    good: {},
  });
  mkdirSync(dirname(log('link')), { recursive: true });
  symlinkSync('/etc/passwd', log('link'));
  mkdirSync(log('nothing'));
  writeFileSync(file, readFileSync(file, 'utf8').replace('LOG', `${file}/x.log`));
  const { code, err } = await llamaRun(['--config', file]).ended;
  expect(code).toBe(4);
  expect(err).toContain(
    `instance "link" is not started: its log cannot be written: it is a link, which could lead anywhere; log ${log('link')}`,
  );
  expect(err).toContain('instance "nothing" is not started: its log cannot be written: EISDIR');
  expect(err).toContain('instance "other" is not started: its log cannot be written: E');
  expect(err).toContain('3 of 4 instances failed');
  expect(isRunning(pidOf(model('good')))).toBe(true);
  expect(folder).not.toBe('');
});

test('an instance in the foreground holds up those behind it', async () => {
  const { file, model } = await instances({
    first: {},
    middle: { control: ['background = false'] },
    last: {},
  });
  const { world, ended } = llamaRun(['--config', file]);
  await becomes(() => world.out().includes('middle  healthy'));
  expect(startsOf(model('last'))).toEqual([]);
  process.kill(pidOf(model('middle')), 'SIGTERM');
  const { code, out, err } = await ended;
  expect(code).toBe(0);
  expect(err).toContain(
    'warning: instance "middle" has background = false: only when it has ended follows last\n',
  );
  expect(out).toMatch(/middle +ended by itself after \d+ s\n[\s\S]*last +healthy/);
  expect([isRunning(pidOf(model('first'))), isRunning(pidOf(model('last')))]).toEqual([true, true]);
});

test('an instance in the foreground that fails keeps those behind it from their start', async () => {
  const { file, model } = await instances({
    first: {},
    middle: { model: fails, control: ['background = false'] },
    last: {},
  });
  const { code, err } = await llamaRun(['--config', file]).ended;
  expect(code).toBe(4);
  expect(err).toContain('instance "middle" ended before it was healthy: exit code 1');
  expect(err).toContain(
    `1 of 3 instances failed\nnot started: last\n1 instance running: first (pid ${pidOf(model('first'))})`,
  );
  expect(startsOf(model('last'))).toEqual([]);
});

test.for(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  '%s ends a run that waits, and all instances, with 0',
  async (signal) => {
    const { file, model } = await instances({ one: {}, two: {} });
    const { world, ended } = llamaRun(['--config', file, '--wait']);
    await becomes(() => world.err().includes('2 instances running'));
    world.interrupt(signal);
    const { code, out } = await ended;
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(
        /one {2}stopped\n[\s\S]*two {2}stopped\n|two {2}stopped\n[\s\S]*one {2}stopped\n/,
      ),
    ]);
    expect([isRunning(pidOf(model('one'))), isRunning(pidOf(model('two')))]).toEqual([
      false,
      false,
    ]);
  },
);

test('a run that waits ends when the last instance has, and says which failed', async () => {
  const { file, model, ports } = await instances({ one: { model: { says: 'why' } }, two: {} });
  const { world, ended } = llamaRun(['--config', file, '--wait']);
  await becomes(() => world.err().includes('2 instances running'));
  await ask(`http://127.0.0.1:${ports.get('one')}/fake/end`);
  await becomes(() => world.err().includes('instance "one" ended'));
  expect(isRunning(pidOf(model('two')))).toBe(true);
  process.kill(pidOf(model('two')), 'SIGTERM');
  const { code, out, err } = await ended;
  expect(code).toBe(4);
  expect(err).toMatch(/instance "one" ended after \d+ s: exit code 1; log .*\n {2}\| .*why\n/);
  expect(out).toMatch(/two {2}ended by itself after \d+ s\n$/);
  expect(err).toMatch(/error: 1 of 2 instances failed\n$/);
});

test.for([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('%s before all are healthy ends what was started', async ([signal, wanted]) => {
  const { file, model } = await instances({ good: {}, slow: { model: loads } });
  const { world, ended } = llamaRun(['--config', file]);
  await becomes(() => world.out().includes('good  healthy') && startsOf(model('slow')).length > 0);
  world.interrupt(signal);
  const { code, err } = await ended;
  expect([code, err]).toEqual([
    wanted,
    expect.stringContaining(`${signal}: the instances are ended; once more kills them\n`),
  ]);
  expect([isRunning(pidOf(model('good'))), isRunning(pidOf(model('slow')))]).toEqual([
    false,
    false,
  ]);
});

test('an instance in the foreground is ended by a signal, and what follows is not started', async () => {
  const { file, model } = await instances({ one: { control: ['background = false'] }, two: {} });
  const { world, ended } = llamaRun(['--config', file]);
  await becomes(() => world.out().includes('one  healthy'));
  world.interrupt('SIGTERM');
  expect(await ended).toMatchObject({
    code: 143,
    err: expect.stringContaining('not started: two'),
  });
  expect(startsOf(model('two'))).toEqual([]);
});

test('what does not end in time is killed, and so it is at the second signal', async () => {
  const stubborn = { model: { ignores: ['SIGTERM', 'SIGINT'] } };
  const { file, model } = await instances({ one: stubborn });
  const timed = llamaRun(['--config', file, '--wait', '--stop-timeout', '1s']);
  await becomes(() => timed.world.out().includes('one  healthy'));
  timed.world.interrupt('SIGTERM');
  const { code, err } = await timed.ended;
  expect([code, err]).toEqual([
    4,
    expect.stringContaining('instance "one" did not end within 1 s and was killed'),
  ]);
  const twice = llamaRun(['--config', file, '--wait', '--stop-timeout', '10m']);
  await becomes(() => twice.world.out().includes('one  healthy'));
  twice.world.interrupt('SIGINT');
  twice.world.interrupt('SIGINT');
  expect(await twice.ended).toMatchObject({ code: 0 });
  expect(isRunning(pidOf(model('one')))).toBe(false);
});

test('a UNIX socket is asked, and one that was left behind is removed before', async () => {
  const { file, folder, model } = await instances({ one: { server: ['host = "HOST"'] } });
  const socket = join(folder, 'one.sock');
  writeFileSync(file, readFileSync(file, 'utf8').replace('HOST', socket));
  const first = await llamaRun(['--config', file]).ended;
  expect(first).toMatchObject({ code: 0, out: expect.stringContaining(`unix:${socket}  pid`) });
  const second = await llamaRun(['--config', file]).ended;
  expect(second).toMatchObject({
    code: 4,
    err: expect.stringContaining(`${socket} is taken by another process`),
  });
  process.kill(pidOf(model('one')), 'SIGKILL');
  await becomes(() => !isRunning(pidOf(model('one'))));
  const third = await llamaRun(['--config', file]).ended;
  expect(third).toMatchObject({
    code: 0,
    err: expect.stringContaining(`removed ${socket}: a socket on which nobody listened any more`),
  });
});

test('a file in the place of a socket is left as it is', async () => {
  const { file, folder } = await instances({ one: { server: ['host = "HOST"'] } });
  const socket = join(folder, 'one.sock');
  writeFileSync(socket, 'precious');
  writeFileSync(file, readFileSync(file, 'utf8').replace('HOST', socket));
  expect(await llamaRun(['--config', file]).ended).toMatchObject({
    code: 4,
    err: expect.stringContaining('no socket'),
  });
  expect(readFileSync(socket, 'utf8')).toBe('precious');
});

test('JSON says the same of each instance, in the order of the file', async () => {
  const { file, model, log, ports } = await instances({ bad: { model: fails }, good: {} });
  const { code, out } = await llamaRun(['--config', file, '--json']).ended;
  expect(code).toBe(4);
  expect(JSON.parse(out)).toEqual({
    format_version: '1.0',
    ok: false,
    instances: [
      {
        name: 'bad',
        state: 'failed',
        url: `http://127.0.0.1:${ports.get('bad')}`,
        log: log('bad'),
        pid: pidOf(model('bad')),
        exit_code: 1,
        signal: null,
        healthy_after_ms: null,
        reason: 'ended before it was healthy: exit code 1',
      },
      {
        name: 'good',
        state: 'healthy',
        url: `http://127.0.0.1:${ports.get('good')}`,
        log: log('good'),
        pid: pidOf(model('good')),
        exit_code: null,
        signal: null,
        healthy_after_ms: expect.any(Number),
        reason: null,
      },
    ],
    diagnostics: [
      {
        severity: 'error',
        rule: 'runtime',
        path: '',
        pointer: '',
        message: 'instance "bad" ended before it was healthy: exit code 1',
      },
    ],
  });
});

test('JSON of a run that waits is a line when all are healthy, and one at the end', async () => {
  const { file } = await instances({ one: {} });
  const { world, ended } = llamaRun(['--config', file, '--wait', '--json']);
  await becomes(() => world.out().includes('"healthy"'));
  world.interrupt('SIGTERM');
  const { code, out } = await ended;
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(code).toBe(0);
  expect(lines).toMatchObject([
    { ok: true, instances: [{ state: 'healthy', exit_code: null }], diagnostics: [] },
    { ok: true, instances: [{ state: 'stopped', exit_code: 0 }], diagnostics: [] },
  ]);
});

test('JSON of a run that was cut short says so', async () => {
  const { file, model } = await instances({ one: { model: loads } });
  const { world, ended } = llamaRun(['--config', file, '--json']);
  await becomes(() => startsOf(model('one')).length > 0);
  world.interrupt('SIGTERM');
  const { code, out } = await ended;
  expect(code).toBe(143);
  expect(JSON.parse(out)).toMatchObject({ ok: false, diagnostics: [{ rule: 'terminated' }] });
});

test('a dry run shows the command lines without secrets and starts nothing', async () => {
  const { file, model, log, ports } = await instances({
    one: {
      server: ['api_key = "tell-nobody"'],
      control: ['gpu_ids = "none"', 'background = false'],
    },
    two: {},
  });
  const argv = ['--config', file, '--dry-run'];
  const env = { PATH: process.env['PATH'], HOME: '/root', OWN: 'tell-nobody' };
  const { code, out } = await llamaRun([...argv, '--pass-env', 'OWN'], { env }).ended;
  const port = ports.get('one');
  expect([code, out]).toEqual([
    0,
    `one  http://127.0.0.1:${port}  log ${log('one')}  in the foreground
  OWN='(sensitive)' CUDA_VISIBLE_DEVICES= LLAMA_API_KEY='(sensitive)'
  ${fakeLlamaServer} --model ${model('one')} --port ${port}
two  http://127.0.0.1:${ports.get('two')}  log ${log('two')}
  OWN='(sensitive)'
  ${fakeLlamaServer} --model ${model('two')} --port ${ports.get('two')}
`,
  ]);
  const json = await llamaRun([...argv, '--json'], { env }).ended;
  expect(JSON.parse(json.out)).toMatchObject({
    ok: true,
    dry_run: true,
    instances: [
      {
        name: 'one',
        background: false,
        environment: { LLAMA_API_KEY: '(sensitive)', HOME: '/root' },
      },
      {
        name: 'two',
        command: [fakeLlamaServer, '--model', model('two'), '--port', String(ports.get('two'))],
        problem: null,
      },
    ],
  });
  expect(startsOf(model('one'))).toEqual([]);
});

test('what is switched off starts nothing, and is a success', async () => {
  const { file } = await instances({ one: {} });
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('[master]', '[master]\nenable = false'));
  const off = await llamaRun(['--config', file, '--json']).ended;
  expect([off.code, JSON.parse(off.out).instances, off.err]).toEqual([
    0,
    [],
    expect.stringContaining('switched off, nothing to start'),
  ]);
  writeFileSync(file, text.replace('[instance.control]', '[instance.control]\nenabled = false'));
  const none = await llamaRun(['--config', file]).ended;
  expect(none).toMatchObject({
    code: 0,
    out: '',
    err: expect.stringContaining('no instance is enabled, nothing to start'),
  });
});

const ON_BOOT = 'AUTO_INFER_LLAMA_CPP_ON_BOOT';
const CONFIG = 'AUTO_INFER_LLAMA_CPP_CONFIG';

test.for(['1', 'true', 'TRUE'])(
  'a boot starts what is configured where %s asks for it',
  async (value) => {
    const { file, model } = await instances({ one: {} });
    const env = { PATH: process.env['PATH'], [ON_BOOT]: value, [CONFIG]: file };
    expect(await llamaRun(['--boot'], { env }).ended).toMatchObject({ code: 0 });
    expect(startsOf(model('one'))).toHaveLength(1);
  },
);

test('a boot that is not asked to start anything, or has no config, starts nothing and says little', async () => {
  const { file, folder, model } = await instances({ one: {} });
  const tried = async (env: Readonly<Record<string, string>>) => {
    const { code, out, err } = await llamaRun(['--boot'], {
      env: { PATH: process.env['PATH'], ...env },
    }).ended;
    expect([code, out]).toEqual([0, '']);
    return err;
  };
  for (const value of ['0', 'false', 'False', '']) {
    expect(await tried({ [ON_BOOT]: value, [CONFIG]: file })).toBe('');
  }
  expect(await tried({ [CONFIG]: file })).toBe('');
  expect(await tried({ [ON_BOOT]: '1' })).toBe('');
  expect(await tried({ [ON_BOOT]: '1', [CONFIG]: '' })).toBe('');
  expect(await tried({ [ON_BOOT]: 'yes', [CONFIG]: file })).toBe(
    `warning: ${ON_BOOT}=yes not understood; treating as false.\n`,
  );
  const nowhere = join(folder, 'nowhere.toml');
  expect(await tried({ [ON_BOOT]: '1', [CONFIG]: nowhere })).toBe(
    `Config file not found at: ${nowhere}. Skipping.\n`,
  );
  expect(startsOf(model('one'))).toEqual([]);
});

test('without --boot the variable means nothing, and a config that is not there is an error', async () => {
  const env = { [ON_BOOT]: '0', [CONFIG]: '/nowhere.toml' };
  expect(await llamaRun([], { env }).ended).toMatchObject({ code: 66 });
});

test('the first process of a container is told that its end is that of the instances', async () => {
  const { file } = await instances({ one: {} });
  const servers = localServers(1);
  const { err } = await llamaRun(['--config', file], { servers }).ended;
  expect(err).toContain(
    'warning: vllmd is the first process of this container, whose end is that of the instances too: add --wait\n',
  );
});

test.for([
  ['--health-timeout', 'soon'],
  ['--stop-timeout', '-1'],
  ['--pass-env', 'A=B'],
])('%s %s is wrong usage', async ([flag, value]) => {
  const port = await freePort();
  expect(port).toBeGreaterThan(0);
  expect(await llamaRun([`${flag}=${value}`]).ended).toMatchObject({ code: 64 });
});
