import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { keygen } from '../support/ssh-host.ts';
import { cacheRoot, type Ended, run, stageShare } from '../system/run.ts';
import { type Lan, makeLan } from './lan.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const tier = join(here, '../host');

export type ManagedHost = {
  readonly name: string;
  readonly address: string;
  /** What a command of bash, which knows what lib.sh has, prints there as root; it must end well. */
  readonly ask: (command: string) => string;
};

export type ManagedHosts = {
  readonly hosts: readonly ManagedHost[];
  /** Before a command of the controller. */
  readonly within: readonly string[];
  /** Options of ssh: the key that lets in, and no settings of this machine. */
  readonly sshOptions: readonly string[];
  /** Ends them; how each has ended, with its log. */
  readonly end: () => Promise<readonly Ended[]>;
};

const SECONDS = 3000;

/** Containers that boot a systemd and let in by ssh whoever has the key that is made for them, and a controller. */
export async function startManagedHosts(
  names: readonly string[],
  { work, vmCheck }: { readonly work: string; readonly vmCheck: string },
): Promise<ManagedHosts> {
  const lan = makeLan(names.length);
  const sshOptions = newCaller(work, lan);
  const started = names.map((name, index) => {
    const { address, namespace } = lan.hosts[index] ?? { address: '', namespace: '' };
    const share = join(work, `share-${name}`);
    stageShare(share, { tier, folder: join(here, 'host'), vmCheck });
    cpSync(join(work, 'key.pub'), join(share, 'authorized_keys'));
    cpSync(join(here, '../system/nodejs-package.sh'), join(share, 'nodejs-package.sh'));
    writeFileSync(join(share, 'vllmd.toml'), '');
    const out = join(work, `out-${name}`);
    const env = { HOST_TEST_TIMEOUT: String(SECONDS), HOST_TEST_NETNS: namespace };
    const ended = run(join(tier, 'container.sh'), [cacheRoot, share, out], { env, name });
    const ask = (command: string) => {
      const script = `cd /host-test/in && . ./lib.sh && ${command}`;
      const [file = '', ...args] = [...lan.within, 'ssh', ...sshOptions, `ops@${address}`];
      return execFileSync(file, [...args, 'sudo', '-n', 'bash', '-s'], {
        encoding: 'utf8',
        input: script,
      }).trimEnd();
    };
    return { name, address, ask, ended, share, out };
  });
  const end = async () => {
    for (const { share } of started) writeFileSync(join(share, 'done'), '');
    const all = await Promise.all(started.map(({ ended }) => ended));
    lan.remove();
    return all;
  };
  for (const { ended, out } of started) {
    const ready = await Promise.race([ended, reached(join(out, 'o/ready'))]);
    if (ready !== undefined) {
      await end();
      throw new Error(`a host has ended before it could be reached: ${ready.output}`);
    }
  }
  return { hosts: started, within: lan.within, sshOptions, end };
}

async function reached(file: string): Promise<undefined> {
  while (!existsSync(file)) await wait(50);
  return undefined;
}

/** A key, and the hosts as it knows them: their tree is one, and so is the key of the host in it. */
function newCaller(work: string, { hosts }: Lan): readonly string[] {
  mkdirSync(join(work, 'cm'), { mode: 0o700 });
  keygen(join(work, 'key'));
  const hostKey = readFileSync(join(cacheRoot, 'root/etc/ssh/ssh_host_ed25519_key.pub'), 'utf8');
  const [type, key] = hostKey.split(' ');
  const known = hosts.map(({ address }) => `${address} ${type} ${key}\n`);
  writeFileSync(join(work, 'known_hosts'), known.join(''));
  const settings = {
    IdentityFile: join(work, 'key'),
    IdentityAgent: 'none',
    IdentitiesOnly: 'yes',
    UserKnownHostsFile: join(work, 'known_hosts'),
    GlobalKnownHostsFile: 'none',
    StrictHostKeyChecking: 'yes',
    BatchMode: 'yes',
  };
  return [
    '-F',
    'none',
    ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
  ];
}
