import { expect, test, vi } from 'vitest';
import { type Answer, call, edit, healthy, install, installed } from '../support/call.ts';
import { contradictions, pictureOf } from '../support/consistency.ts';
import { type Simulation, simulatedHost } from '../support/systemd.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const dropIn = '/etc/systemd/system/vllmd-runtime@1.service.d/10-vllmd.conf';

async function threeGenerations(): Promise<{
  readonly machine: Simulation;
  readonly pictures: readonly ReturnType<typeof pictureOf>[];
}> {
  const machine = simulatedHost();
  const pictures = [pictureOf(machine)];
  for (const config of ['/example.toml', '/memory.toml', '/fewer.toml']) {
    await healthy(machine, install(config));
    pictures.push(pictureOf(machine));
  }
  return { machine, pictures };
}

function rollback(machine: Simulation, ...argv: readonly string[]): Promise<Answer> {
  return call(machine, ['rollback', '--settle', '0', ...argv]);
}

test('a rollback makes the host what the install before the last left', async () => {
  const { machine, pictures } = await threeGenerations();
  const answer = await rollback(machine);
  expect(answer).toMatchObject({ code: 0 });
  expect(answer.err).toContain('rolling back to generation 2');
  expect(answer.err).toContain('generation 4 is in place');
  expect(pictureOf(machine)).toEqual(pictures[2]);
  expect(contradictions(machine)).toEqual([]);
  expect((await call(machine, ['verify', '--config', '/memory.toml'])).code).toBe(0);
});

test.for([1, 2])('a rollback goes to generation %i when it is named', async (generation) => {
  const { machine, pictures } = await threeGenerations();
  expect((await rollback(machine, String(generation))).code).toBe(0);
  expect(pictureOf(machine)).toEqual(pictures[generation]);
});

test('a rollback of a rollback is the way forward again', async () => {
  const { machine, pictures } = await threeGenerations();
  await rollback(machine);
  expect((await rollback(machine)).code).toBe(0);
  expect(pictureOf(machine)).toEqual(pictures[3]);
  expect((await rollback(machine, '1')).code).toBe(0);
  expect(pictureOf(machine)).toEqual(pictures[1]);
});

test('a rollback to 0 makes the host what it was before the first install', async () => {
  const { machine, pictures } = await threeGenerations();
  const answer = await rollback(machine, '0');
  expect(answer).toMatchObject({ code: 0 });
  expect(pictureOf(machine)).toEqual(pictures[0]);
  expect([...machine.entries.keys()].filter((path) => path.includes('lib/vllmd/install'))).toEqual(
    [],
  );
});

test('a rollback to the generation that is in place changes nothing', async () => {
  const { machine } = await threeGenerations();
  const before = new Map(machine.entries);
  const answer = await rollback(machine, '3');
  expect(answer).toMatchObject({ code: 0 });
  expect(answer.out).toContain('Nothing to do');
  expect(new Map(machine.entries)).toEqual(before);
});

test.for([
  [['9'], 'generation 9 is not kept', 'there are: 0, 1, 2'],
  [['-1'], '', ''],
  [['1.5'], 'rollback 1.5: not a generation', 'vllmd history'],
] as const)(
  'a rollback to what is no generation (%j) is wrong usage',
  async ([argv, what, help]) => {
    const { machine } = await threeGenerations();
    const before = new Map(machine.entries);
    const answer = await rollback(machine, ...argv);
    expect(answer).toMatchObject({ code: 64 });
    expect(answer.err).toContain(what);
    expect(answer.err).toContain(help);
    expect(new Map(machine.entries)).toEqual(before);
  },
);

test('where nothing is installed there is nothing to roll back', async () => {
  const answer = await rollback(simulatedHost());
  expect(answer).toMatchObject({ code: 64 });
  expect(answer.err).toContain('nothing to roll back');
});

test.for([[[]], [['1']], [['0']]])(
  'a rollback %j carries out what its dry run prints',
  async ([argv = []]) => {
    const { machine } = await threeGenerations();
    const before = new Map(machine.entries);
    const dry = await rollback(machine, '--dry-run', ...argv);
    expect(dry).toMatchObject({ code: 0 });
    expect(new Map(machine.entries)).toEqual(before);
    const real = await rollback(machine, ...argv);
    expect(real).toMatchObject({ code: 0, out: dry.out });
  },
);

test('a rollback does not tell apart whose bytes they are: an edit is a conflict, and the flags decide', async () => {
  const { machine, pictures } = await threeGenerations();
  await edit(machine, dropIn, 'mine\n');
  const before = new Map(machine.entries);
  const refused = await rollback(machine, '0');
  expect(refused).toMatchObject({ code: 5 });
  expect(refused.err).toContain(dropIn);
  expect(new Map(machine.entries)).toEqual(before);
  expect((await rollback(machine, '1', '--overwrite-drift', dropIn)).code).toBe(0);
  expect(pictureOf(machine)).toEqual(pictures[1]);
  expect(textsBelow(machine, '/var/lib/vllmd/install/backups')).toContain('mine\n');
});

test('a rollback --json prints the plan and how it went', async () => {
  const { machine } = await threeGenerations();
  const dry = await rollback(machine, '--dry-run', '--json');
  expect(JSON.parse(dry.out)).toMatchObject({ applyable: true, errored: false });
  const real = await rollback(machine, '--json');
  expect(JSON.parse(real.out)).toMatchObject({
    errored: false,
    outcome: { failures: [], generation: 4, rolled_back: [], remaining: [] },
  });
});

test('a rollback whose runtime does not start goes back itself and exits with 4', async () => {
  const old = `"size": ${16 * 2 ** 30}`;
  let isBroken = false;
  const machine = simulatedHost({ failsToStart: (vm) => isBroken && vm.includes(old) });
  await healthy(machine, install('/example.toml'));
  await healthy(machine, install('/memory.toml'));
  const before = pictureOf(machine);
  isBroken = true;
  const answer = await rollback(machine);
  expect(answer).toMatchObject({ code: 4 });
  expect(answer.err).toContain('everything is as in generation 2');
  expect(pictureOf(machine)).toEqual(before);
  expect(contradictions(machine)).toEqual([]);
});

test('history lists what can be gone back to, newest first', async () => {
  const { machine } = await threeGenerations();
  const { out, code } = await call(machine, ['history']);
  expect(code).toBe(0);
  const rows = out.split('\n').filter((line) => /^\d/.test(line));
  expect(rows.map((line) => line.split(/ {2,}/))).toEqual(
    [
      [
        '3',
        '2026-01-01 00:00:00 UTC',
        'install',
        '1',
        '2',
        expect.any(String),
        '/fewer.toml',
        'current',
      ],
      ['2', '2026-01-01 00:00:00 UTC', 'install', '1, 2', '2', expect.any(String), '/memory.toml'],
      [
        '1',
        '2026-01-01 00:00:00 UTC',
        'install',
        '1, 2',
        '1, 2',
        expect.any(String),
        '/example.toml',
      ],
    ].map((row) => row.map((cell) => cell)),
  );
  const json: unknown = JSON.parse((await call(machine, ['history', '--json'])).out);
  expect(json).toMatchObject({
    format_version: '1.0',
    generations: [
      { generation: 3, operation: 'install', runtimes: [1], changed: [2], current: true },
      { generation: 2, runtimes: [1, 2], changed: [2], current: false },
      { generation: 1, changed: [1, 2] },
    ],
  });
});

test('ten generations are kept, and a rollback to an older one says which there are', async () => {
  const machine = simulatedHost();
  for (let round = 0; round < 6; round += 1) {
    await healthy(machine, install('/example.toml'));
    await healthy(machine, install('/memory.toml'));
  }
  const { out } = await call(machine, ['history', '--json']);
  const { generations }: { generations: readonly { generation: number }[] } = JSON.parse(out);
  expect(generations.map(({ generation }) => generation)).toEqual([
    12, 11, 10, 9, 8, 7, 6, 5, 4, 3,
  ]);
  const refused = await rollback(machine, '2');
  expect(refused).toMatchObject({ code: 64 });
  expect(refused.err).toContain('there are: 0, 3, 4, 5, 6, 7, 8, 9, 10, 11');
  expect((await call(machine, ['history'])).out).toContain('those before 3 are not kept');
});

test('history of a host without installs says so', async () => {
  const machine = simulatedHost();
  expect(await call(machine, ['history'])).toMatchObject({ code: 0, out: 'no install is kept\n' });
  const { out } = await call(machine, ['history', '--json']);
  expect(JSON.parse(out)).toMatchObject({ generations: [] });
});

test('a generation that is damaged is told, and does not keep anybody from another one', async () => {
  const { machine, pictures } = await threeGenerations();
  await edit(machine, '/var/lib/vllmd/install/generations/2.json', '{"schema":1');
  const refused = await rollback(machine, '2');
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.err).toContain('generations/2.json is not whole');
  expect((await rollback(machine, '1')).code).toBe(0);
  expect(pictureOf(machine)).toEqual(pictures[1]);
});

test('rollback and history without root say that they need it', async () => {
  const { machine } = await threeGenerations();
  const hidden = {
    ...machine.host,
    read: async (path: string) =>
      path.startsWith('/var/lib/vllmd/install')
        ? ({ type: 'hidden' } as const)
        : machine.host.read(path),
  };
  for (const argv of [['rollback'], ['rollback', '--dry-run'], ['history']]) {
    const answer = await call(machine, argv, { host: hidden, world: { uid: 1000 } });
    expect(answer).toMatchObject({ code: 77, out: '' });
    expect(answer.err).toMatch(/sudo/);
  }
});

test('an adopted file comes back with the rollback to 0, byte for byte', async () => {
  const machine = simulatedHost();
  const path = '/etc/modprobe.d/vllmd.conf';
  await machine.host.mkdir('/etc/modprobe.d', { mode: 0o755, uid: 0, gid: 0 });
  await edit(machine, path, 'mine\n');
  const before = pictureOf(machine);
  await healthy(machine, install('/example.toml', '--adopt', path));
  await healthy(machine, install('/memory.toml'));
  expect((await rollback(machine, '0')).code).toBe(0);
  expect(pictureOf(machine)).toEqual(before);
});

function textsBelow(machine: Simulation, directory: string): readonly string[] {
  return [...machine.entries].flatMap(([path, entry]) =>
    path.startsWith(`${directory}/`) && entry.type === 'file' ? [entry.text] : [],
  );
}

test('the example is installed again after a rollback to 0', async () => {
  const machine = await installed();
  const before = pictureOf(machine);
  await rollback(machine, '0');
  await healthy(machine, install('/example.toml'));
  expect(pictureOf(machine)).toEqual(before);
});

test('a rollback from the first generation is not a removal: that must be asked for', async () => {
  const machine = await installed();
  const before = new Map(machine.entries);
  for (const argv of [['rollback'], ['rollback', '--dry-run']]) {
    const answer = await call(machine, argv);
    expect(answer).toMatchObject({ code: 64, out: '' });
    expect(answer.err).toContain('there is no install before generation 1');
    expect(answer.err).toContain('`sudo vllmd rollback 0` removes everything');
  }
  expect(new Map(machine.entries)).toEqual(before);
  await healthy(machine, ['rollback', '0']);
  expect(pictureOf(machine)).toEqual(pictureOf(simulatedHost()));
});

test('a first install that waits for a word is taken back by a rollback, as it says', async () => {
  const machine = simulatedHost();
  const before = pictureOf(machine);
  await healthy(machine, install('/example.toml', '--confirm-within', '10m'));
  await healthy(machine, ['rollback']);
  expect(pictureOf(machine)).toEqual(before);
  expect(machine.entries.has('/var/lib/vllmd/install/confirm.json')).toBe(false);
});
