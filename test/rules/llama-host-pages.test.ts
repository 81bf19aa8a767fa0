import { expect, test, vi } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { llamaHost } from '../support/llama-host.ts';
import { describedHost, type HostDescription, testWorld } from '../support/world.ts';
import { frameOf, pageOf } from './page.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

type Case = {
  readonly id: string;
  readonly name: string;
  readonly server?: string;
  readonly control?: string;
  readonly top?: string;
  readonly host?: HostDescription;
  readonly flags?: readonly string[];
  readonly says: RegExp;
};

const closed = { text: '', mode: 0o600 };
const small = 'model = "/models/small.gguf"\nport = 8080\n';

function having(files: NonNullable<HostDescription['files']>): HostDescription {
  return { ...llamaHost, files: { ...llamaHost.files, ...files } };
}

/** The first of each rule is the one on its page. */
const cases: readonly Case[] = [
  { id: 'llama-user', name: 'unknown', flags: ['--user', 'nobody-here'], says: /useradd --system/ },
  {
    id: 'llama-port-needed',
    name: 'none',
    server: 'model = "/models/small.gguf"\n',
    says: /instance small names no port/,
  },
  {
    id: 'llama-port-in-use',
    name: 'on all addresses',
    host: having({
      '/proc/net/tcp': `  sl  local_address rem_address   st
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
`,
    }),
    says: /instance small: something listens on port 8080 already/,
  },
  {
    id: 'llama-port-in-use',
    name: 'on this machine alone, in the other protocol',
    host: having({
      '/proc/net/tcp6':
        '   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 0\n',
    }),
    says: /ss -ltnp 'sport = :8080'/,
  },
  {
    id: 'llama-executable',
    name: 'absent',
    top: 'llama_cpp_path = "/opt/llama-server"',
    says: /there is no \/opt\/llama-server on this host/,
  },
  {
    id: 'llama-executable',
    name: 'not in PATH',
    top: 'llama_cpp_path = "llama-server-cuda"',
    says: /systemd finds no program llama-server-cuda on this host/,
  },
  {
    id: 'llama-executable',
    name: 'relative',
    top: 'llama_cpp_path = "bin/llama-server"',
    says: /neither a plain absolute path nor the name/,
  },
  {
    id: 'llama-executable',
    name: 'directory',
    top: 'llama_cpp_path = "/models"',
    says: /\/models is a directory/,
  },
  {
    id: 'llama-executable',
    name: 'not executable',
    top: 'llama_cpp_path = "/models/small.gguf"',
    flags: ['--user', 'sdake'],
    says: /may not be run by the account sdake/,
  },
  {
    id: 'llama-model-file',
    name: 'absent',
    server: 'model = "/models/none.gguf"\nport = 8080\n',
    says: /there is no such model here: \/models\/none\.gguf/,
  },
  {
    id: 'llama-model-file',
    name: 'shards',
    server: 'model = "/models/huge-00001-of-00005.gguf"\nport = 8080\n',
    says: /there is no such model here: .*huge-00001-of-00005\.gguf/,
  },
  {
    id: 'llama-model-file',
    name: 'one shard',
    server: 'model = "/models/three-00001-of-00003.gguf"\nport = 8080\n',
    host: having({
      '/models/three-00001-of-00003.gguf': '',
      '/models/three-00003-of-00003.gguf': '',
    }),
    says: /1 of 3 shards is missing: \/models\/three-00002-of-00003\.gguf$/m,
  },
  {
    id: 'llama-model-readable',
    name: 'closed',
    host: having({ '/models/small.gguf': closed }),
    says: /may not be read by the account that systemd makes up[\s\S]*--user NAME/,
  },
  {
    id: 'llama-model-readable',
    name: 'closed to an account',
    host: having({ '/models/small.gguf': closed }),
    flags: ['--user', 'sdake'],
    says: /may not be read by the account sdake/,
  },
  {
    id: 'llama-model-readable',
    name: 'relative',
    server: 'model = "small.gguf"\nport = 8080\n',
    says: /the model small\.gguf is no plain absolute path/,
  },
  {
    id: 'llama-log',
    name: 'closed',
    control: 'log_dir = "/models"',
    says: /may not be written by the account that systemd makes up/,
  },
  {
    id: 'llama-log',
    name: 'absent',
    control: 'log_dir = "/srv/logs"',
    says: /has no directory \/srv\/logs to lie in/,
  },
  {
    id: 'llama-log',
    name: 'in a file',
    control: 'log_dir = "/models/small.gguf"',
    says: /has no directory \/models\/small\.gguf/,
  },
  {
    id: 'llama-log',
    name: 'in /var/log itself',
    control: 'log_file = "/var/log/x.log"',
    says: /\/var\/log/,
  },
  {
    id: 'llama-log',
    name: 'relative',
    control: 'log_dir = "logs"',
    says: /is no plain absolute path/,
  },
  {
    id: 'llama-log',
    name: 'among files of others',
    control: 'log_dir = "/var/log/apt"',
    host: having({ '/var/log/apt/history.log': '' }),
    says: /\/var\/log\/apt has files of others, and systemd would give all of it to/,
  },
  {
    id: 'llama-log',
    name: 'where systemd keeps those of others',
    control: 'log_dir = "/var/log/private/x"',
    says: /has no directory \/var\/log\/private\/x/,
  },
  {
    id: 'llama-log',
    name: 'in /tmp',
    control: 'log_dir = "/tmp"',
    says: /nobody but the instance/,
  },
  { id: 'llama-background', name: 'given', control: 'background = false', says: /means nothing/ },
];

async function install({
  server = small,
  control = '',
  top = '',
  host = llamaHost,
  flags = [],
}: Case) {
  const tables = [
    ...(top === '' ? [] : [`[master]\n${top}\n`]),
    ...(control === '' ? [] : [`[instance.small.control]\n${control}\n`]),
    `[instance.small.server]\n${server}`,
  ];
  const bytes = Buffer.from(tables.join('\n'));
  const world = testWorld(describedHost(host), {
    readConfigFile: () => ({ kind: 'bytes', bytes }),
  });
  const code = await run(
    ['llama', 'install', '--config', 'llama.toml', '--dry-run', '--detailed-exitcode', ...flags],
    world,
  );
  return { code, text: world.err() };
}

test.for(cases)('$id: $name', async (one) => {
  const { code, text } = await install(one);
  const frame = frameOf(one.id, text);
  expect(frame).toMatch(one.says);
  expect(code).toBe(frame.startsWith('warning') ? 2 : 6);
  const isFirst = cases.find(({ id }) => id === one.id) === one;
  if (!isFirst) return;
  await expect(await pageOf(one.id, frame)).toMatchFileSnapshot(`expected/${one.id}.txt`);
});

test('programs that only some instances need are asked for where they do', async () => {
  const host = { ...llamaHost, missing: ['/usr/bin/flock'], files: { '/models/small.gguf': '' } };
  const server = `${small}host = "/run/x.sock"\n`;
  const { text } = await install({ id: '', name: '', server, host, says: /./ });
  for (const name of ['bash', 'flock', 'curl']) {
    expect(text).toContain(`the program ${name} is not installed`);
  }
  const plain = await install({ id: '', name: '', host, says: /./ });
  expect(plain.text).not.toContain('curl');
});

test('a directory below /var/log that holds logs of instances, or nothing, is one for them', async () => {
  for (const file of ['small.log', 'llama-server-old.log.1']) {
    const control = 'log_file = "/var/log/llama/small.log"';
    const host = having({ [`/var/log/llama/${file}`]: '' });
    const { code } = await install({ id: '', name: '', control, host, says: /./ });
    expect(code).toBe(2);
  }
});

test('a log below /var/log, or in what the instance has of its own, needs nothing', async () => {
  for (const path of ['/var/log/llama', '/var/log/a b', '/var/lib/vllmd-llama/small']) {
    const { code } = await install({ id: '', name: '', control: `log_dir = "${path}"`, says: /./ });
    expect(code).toBe(2);
  }
});
