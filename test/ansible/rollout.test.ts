import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleVmCheck } from '../system/bundle.ts';
import { cacheRoot, expectBuilt, linesOf, mustRun, obstacleHere, run } from '../system/run.ts';
import { type ManagedHost, type ManagedHosts, startManagedHosts } from './managed-hosts.ts';
import { type Played, type Player, packaging, playerFor, type TaskEnd } from './play.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const makePackage = join(here, '../../scripts/package.mjs');

const INSTALL = 'Make the host as the config says';
const WRITE = 'Write the config';
const PACKAGES = 'Install the packages, which a look only simulates';
const COMPARE = 'Compare the host with what was installed';
const CONFIRM = 'Keep what was installed';
const LOOK = 'Look at every host';
/** A play that hangs is ended long before, by the time that its hosts have. */
const LIMIT_MS = 3_600_000;
/** Of the account in the guests. What the schema takes for sensitive is nobody's to read in a log. */
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIImadt4GwEFLERhtAlsBl/uBhkwzYhO8GFkzkvA9kh8Y ops';

/** Two runtimes with a GPU each, and so many virtual CPUs. */
function config(first: number, second: number): string {
  return `# {{ braces }} are no template
schema_version = 2

[global]
user = "sdake"

[storage]
disk_gb = 1

[guest]
user = "ops"
ssh_authorized_keys = ["${KEY}"]

[network]
bridge_name = "vllmd-br0"

[[runtimes]]
index = 1
name = "one"
gpus = ["0000:01:00.0"]
cpus = ${first}

[[runtimes]]
index = 2
name = "two"
gpus = ["0000:02:00.0"]
cpus = ${second}
`;
}

const obstacle = obstacleHere();
if (obstacle !== undefined && process.env['CI'] === undefined) {
  process.stderr.write(`tests of the Ansible role skipped: ${obstacle}\n`);
}

// In CI they must run: there an obstacle is a failure, not an excuse. Each goes on where the one before has ended.
describe.skipIf(obstacle !== undefined && process.env['CI'] === undefined)(
  'a rollout',
  { timeout: LIMIT_MS },
  () => {
    let work = '';
    let managed: ManagedHosts | undefined;
    let all: readonly ManagedHost[] = [];
    let playbook: Player = () => Promise.reject(new Error('there are no hosts'));

    beforeAll(async () => {
      expect(obstacle).toBeUndefined();
      expectBuilt();
      await mustRun(join(here, '../host/prereq.sh'), []);
      await mustRun(join(here, 'prereq.sh'), []);
      await mustRun(join(here, '../host/build-tree.sh'), [cacheRoot]);
      work = mkdtempSync(join(tmpdir(), 'vllmd-ansible-'));
      await mustRun(process.execPath, [
        makePackage,
        '--without-executable',
        '--out',
        join(work, 'release'),
      ]);
      const vmCheck = join(work, 'vm-check.cjs');
      await bundleVmCheck(vmCheck);
      managed = await startManagedHosts(['gpu1', 'gpu2', 'gpu3'], { work, vmCheck });
      all = managed.hosts;
      playbook = playerFor(managed, work);
    });

    afterAll(async () => {
      const ended = (await managed?.end()) ?? [];
      if (work !== '' && process.env['VLLMD_TEST_KEEP'] === undefined)
        rmSync(work, { recursive: true });
      for (const { code, output } of ended) {
        expect(linesOf(output, 'not ok - '), output).toEqual([]);
        expect(code, output).toBe(0);
      }
    });

    const releaseFile = (pattern: RegExp) => {
      const name = readdirSync(join(work, 'release')).find((file) => pattern.test(file));
      if (name === undefined) throw new Error(`the release has no ${pattern}`);
      return join(work, 'release', name);
    };
    const packageFile = () => releaseFile(/^vllmd_.*_all\.deb$/);
    const sqliteFile = () => releaseFile(/^vllmd-hive-sqlite_.*\.deb$/);
    /** One of these as a version that is higher than all, with a change of its control file besides. */
    const remade = async (deb: string, name: string, change = '') => {
      const [tree, out] = [mkdtempSync(join(work, 'remade-')), join(work, name)];
      const script =
        'dpkg-deb --raw-extract "$1" "$2/tree" && sed -i "s/^Version: .*/Version: 99.0.0/; s/vllmd (= [^)]*/vllmd (= 99.0.0/; $4" "$2/tree/DEBIAN/control" && dpkg-deb --build "$2/tree" "$3"';
      await mustRun('sh', ['-ec', script, 'sh', deb, tree, out, change]);
      return out;
    };
    /** For a play that leaves the config of a host as it is. */
    const asItIs = ({ ask }: ManagedHost) => vars(`${ask('cat /etc/vllmd/config.toml')}\n`);
    /** What an inventory has of these hosts. */
    const vars = (text: string) => ({
      vllmd_package_file: packageFile(),
      vllmd_config_text: `{% raw %}${text}{% endraw %}`,
      vllmd_settle: '1s',
    });

    test('ansible-lint has nothing to say, and each module and the role has its documentation', async () => {
      const env = {
        HOME: work,
        ANSIBLE_CONFIG: join(packaging, 'ansible.cfg'),
        ANSIBLE_NOCOLOR: '1',
      };
      const within = async (...command: readonly string[]) => {
        const { code, output } = await run(
          'sh',
          ['-c', 'cd "$0" && exec "$@"', packaging, ...command],
          {
            env,
          },
        );
        expect(code, output).toBe(0);
        return output;
      };
      // It looks for a module_utils of the role in vain, and says so on stderr.
      expect(await within('ansible-lint', '--offline', '--nocolor')).toMatch(
        /Passed .* 0 failure.* 0 warning/,
      );
      const example = ['-i', 'inventory.example.yml', '--syntax-check', 'rollout.yml'];
      expect(await within('ansible-playbook', ...example)).toContain('playbook: rollout.yml');
      for (const module of ['vllmd_install', 'vllmd_verify']) {
        expect(await within('ansible-doc', '-M', 'roles/vllmd/library', module)).toContain(
          'OPTIONS',
        );
      }
      expect(await within('ansible-doc', '-t', 'role', '-r', 'roles', 'vllmd')).toContain(
        'vllmd_package_file',
      );
    });

    test('a look at new hosts changes nothing and shows what would be', async () => {
      const before = all.map(filesOf);
      const played = await playbook(vars(config(4, 4)), '--check', '--diff');
      expect(played.code, played.output).toBe(0);
      expect(all.map(filesOf)).toEqual(before);
      for (const { name } of all) {
        const { result } = endOf(played, name, INSTALL);
        expect(result.changed).toBe(true);
        expect(diffOf(result)).toContain('+VLLMD_RUNTIME_NAME=one');
        expect(diffOf(result)).toContain('start vllmd-runtime@2.service');
      }
      expect(played.output).toContain('+VLLMD_RUNTIME_NAME=one');
    });

    test('a look at a host that can run no vllmd yet says so, and is no failure', async () => {
      const [{ name, ask }] = three(all);
      const look = ['--check', '--limit', name];
      const bare = await playbook({ ...vars(config(4, 4)), vllmd_package_file: '' }, ...look);
      expect(bare.code, bare.output).toBe(0);
      const { result } = endOf(bare, name, INSTALL);
      expect([result.changed, result.msg]).toEqual([
        true,
        expect.stringContaining('is not installed here yet'),
      ]);

      ask('mv /usr/local/bin/node /usr/local/bin/node.away');
      const idle = await playbook(vars(config(4, 4)), ...look);
      ask('mv /usr/local/bin/node.away /usr/local/bin/node');
      expect(idle.code, idle.output).toBe(0);
      expect(endOf(idle, name, 'Say which package comes').result.msg).toContain(
        'it does not run here yet',
      );
      expect(endOf(idle, name, INSTALL).state).toBe('skipped');
    });

    test('an install brings package, config and runtimes to one host after the other', async () => {
      const played = await playbook(vars(config(4, 4)), '-vvv', '--skip-tags', 'look');
      expect(played.code, played.output).toBe(0);
      expect(played.output).not.toContain(KEY.split(' ')[1]);
      expect(orderOf(played)).toEqual(
        all.flatMap(({ name }) => [`${name}: ${INSTALL}`, `${name}: ${COMPARE}`]),
      );
      for (const host of all) {
        expect(endOf(played, host.name, INSTALL).result.changed).toBe(true);
        expect(runtimesOf(host)).toEqual({ one: 'active 4', two: 'active 4' });
        expect(host.ask('cat /etc/vllmd/config.toml')).toBe(config(4, 4).trimEnd());
        expect(host.ask('stat -c "%U:%G %a" /etc/vllmd/config.toml')).toBe('root:root 644');
        expect(host.ask('journalctl -q -o cat -b | grep -cF AAAAC3NzaC1lZDI1NTE5 || true')).toBe(
          '0',
        );
        expect(host.ask('ls -d /var/cache/vllmd-package* 2>/dev/null || true')).toBe('');
      }
    });

    test('a second one finds nothing to do', async () => {
      const [pids, files] = [all.map(pidsOf), all.map(filesOf)];
      const played = await playbook(vars(config(4, 4)));
      expect(played.code, played.output).toBe(0);
      expect(changedOf(played)).toEqual([0, 0, 0]);
      expect(all.map(pidsOf)).toEqual(pids);
      expect(all.map(filesOf)).toEqual(files);
    });

    test('a look at a changed config shows the files that an install then changes, and no other', async () => {
      const [before, pids] = [all.map(filesOf), all.map(pidsOf)];
      const looked = await playbook(vars(config(6, 4)), '--check', '--diff');
      expect(looked.code, looked.output).toBe(0);
      expect(all.map(filesOf)).toEqual(before);
      expect(looked.output).not.toContain(KEY.split(' ')[1]);

      const played = await playbook(vars(config(6, 4)), '--skip-tags', 'look');
      expect(played.code, played.output).toBe(0);
      for (const [index, host] of all.entries()) {
        const told = endOf(looked, host.name, INSTALL).result;
        const { changes = [], actions = [], changed } = endOf(played, host.name, INSTALL).result;
        expect([told.changed, changed]).toEqual([true, true]);
        expect(told.changes).toEqual(changes);
        expect(told.actions).toEqual(actions);
        expect(headersIn(diffOf(told))).toEqual(changes.map(({ path }) => path));
        expect(diffOf(told)).toContain('-VLLMD_RUNTIME_CPUS=4\n+VLLMD_RUNTIME_CPUS=6\n');
        const written = changes.map(({ path }) => path);
        const others = [...ownWrites, '/etc/vllmd/config.toml'];
        expect(changedBetween(before[index], filesOf(host), others)).toEqual(written.toSorted());
        expect(actions.filter(({ verb }) => verb === 'restart').map(({ unit }) => unit)).toEqual([
          'vllmd-runtime@1.service',
        ]);
        expect(runtimesOf(host)).toEqual({ one: 'active 6', two: 'active 4' });
        const [[first, second], [was, stayed]] = [
          pidsOf(host).split(' '),
          pids[index]?.split(' ') ?? [],
        ];
        expect(first).not.toBe(was);
        expect(second).toBe(stayed);
      }
    });

    test('a config that is not valid is refused before any host is changed', async () => {
      const before = all.map(filesOf);
      const bad = config(4, 4).replace('index = 2', 'index = 1');
      const played = await playbook(vars(bad));
      expect(played.code).toBe(2);
      expect(played.tasks.filter(({ play }) => play !== LOOK)).toEqual([]);
      for (const { name } of all) {
        const { state, result } = endOf(played, name, INSTALL);
        expect([state, result.exit_code]).toEqual(['failed', 3]);
        expect(result.msg).toMatch(
          /^\/etc\/vllmd\/config\.toml:\d+:\d+: .*index.* \[index-unique\]/m,
        );
      }
      // Nor without a look.
      const straight = await playbook(vars(bad), '--skip-tags', 'look');
      expect(straight.code).toBe(2);
      const { state, result } = endOf(straight, 'gpu1', WRITE);
      expect(state).toBe('failed');
      expect(result.stderr).toContain('index-unique');
      expect(straight.tasks.filter(({ host }) => host !== 'gpu1')).toEqual([]);
      expect(all.map(filesOf)).toEqual(before);
    });

    test('a file that was edited stops it at its host, and the next one is left alone', async () => {
      const [first, second, third] = three(all);
      second.ask("echo '# my own line' >>/etc/vllmd/network.env");
      const before = all.map(filesOf);
      const stopped = await playbook(vars(config(6, 5)), '--skip-tags', 'look');
      expect(stopped.code).toBe(2);
      expect(endOf(stopped, first.name, COMPARE).state).toBe('ok');
      expect(runtimesOf(first)).toEqual({ one: 'active 6', two: 'active 5' });
      const { state, result } = endOf(stopped, second.name, INSTALL);
      expect([state, result.exit_code, result.changed]).toEqual(['failed', 5, false]);
      expect(result.msg).toContain('/etc/vllmd/network.env: ');
      expect(result.msg).toContain('vllmd_keep_drift');
      expect(changedBetween(before[1], filesOf(second), ['/etc/vllmd/config.toml'])).toEqual([]);
      expect(stopped.tasks.filter(({ host }) => host === third.name)).toEqual([]);
      expect(filesOf(third)).toBe(before[2]);

      // With a look no host is changed at all.
      const looked = await playbook(vars(config(4, 4)));
      expect(looked.code).toBe(2);
      expect(looked.tasks.filter(({ play }) => play !== LOOK)).toEqual([]);
      expect(endOf(looked, second.name, INSTALL).result.exit_code).toBe(5);
      expect(runtimesOf(first)).toEqual({ one: 'active 6', two: 'active 5' });

      // What is decided about a path is no error where there is nothing to decide, now or later.
      const kept = { ...vars(config(6, 5)), vllmd_keep_drift: ['/etc/vllmd/network.env'] };
      const decided = await playbook(kept, '--skip-tags', 'look', '--limit', second.name);
      expect(decided.code, decided.output).toBe(0);
      expect(second.ask('tail -n 1 /etc/vllmd/network.env')).toBe('# my own line');
      expect(runtimesOf(second)).toEqual({ one: 'active 6', two: 'active 5' });
      const again = await playbook(kept, '--limit', second.name);
      expect(again.code, again.output).toBe(0);
      expect(changedOf(again)).toEqual([0]);
    });

    test('a runtime that does not start stops it at its host, and the next one is left alone', async () => {
      const [first, second, third] = three(all);
      second.ask('tell 1 fail-boot 7');
      const before = filesOf(third);
      const played = await playbook(vars(config(7, 5)), '--skip-tags', 'look');
      expect(played.code).toBe(2);
      expect(runtimesOf(first)).toEqual({ one: 'active 7', two: 'active 5' });
      const { state, result } = endOf(played, second.name, INSTALL);
      expect([state, result.exit_code]).toEqual(['failed', 4]);
      expect(result.msg).toContain('vllmd-runtime@1.service did not restart');
      expect(result.msg).toContain('told to fail this boot');
      // It runs as before.
      expect(runtimesOf(second)).toEqual({ one: 'active 6', two: 'active 5' });
      expect(played.tasks.filter(({ host, play }) => host === third.name && play !== LOOK)).toEqual(
        [],
      );
      expect(filesOf(third)).toBe(before);

      second.ask('untell 1');
      const mended = await playbook(vars(config(7, 5)), '--skip-tags', 'look', '--limit', '!gpu1');
      expect(mended.code, mended.output).toBe(0);
      expect(all.map(runtimesOf)).toEqual(all.map(() => ({ one: 'active 7', two: 'active 5' })));
    });

    test('what waits for a word gets it over a connection that is new', async () => {
      const timed = { ...vars(config(7, 6)), vllmd_confirm_within: '10m' };
      const options = ['--skip-tags', 'look', '--limit', 'gpu3'];
      const host = three(all)[2];
      // Each question is a login of its own.
      const logins = () => Number(host.ask('journalctl -q -o cat -t sshd | grep -c Accepted'));
      const before = logins();
      const played = await playbook(timed, ...options);
      expect(played.code, played.output).toBe(0);
      expect(logins() - before).toBeGreaterThan(1);
      expect(endOf(played, host.name, CONFIRM).result.changed).toBe(true);
      expect(host.ask('test ! -e /var/lib/vllmd/install/confirm.json && echo confirmed')).toBe(
        'confirmed',
      );
      const again = await playbook(timed, ...options);
      expect(again.code, again.output).toBe(0);
      expect(changedOf(again)).toEqual([0]);
    });

    test('a restart that is left for later is told, and is no failure', async () => {
      const lazy = { ...vars(config(8, 6)), vllmd_restart: false };
      const played = await playbook(lazy, '--skip-tags', 'look', '--limit', 'gpu3');
      expect(played.code, played.output).toBe(0);
      const { result } = endOf(played, 'gpu3', INSTALL);
      expect([result.exit_code, result.changed]).toEqual([9, true]);
      expect(result.pending).toEqual(['vllmd-runtime@1.service']);
      expect(played.output).toContain('runs on with an older definition: vllmd-runtime@1.service');
      const host = three(all)[2];
      expect(runtimesOf(host)).toEqual({ one: 'active 7', two: 'active 6' });

      const [, second] = pidsOf(host).split(' ');
      const later = await playbook(vars(config(8, 6)), '--skip-tags', 'look', '--limit', 'gpu3');
      expect(later.code, later.output).toBe(0);
      expect(endOf(later, 'gpu3', INSTALL).result.changed).toBe(true);
      expect(runtimesOf(host)).toEqual({ one: 'active 8', two: 'active 6' });
      expect(pidsOf(host).split(' ')[1]).toBe(second);
    });

    test('the package of the registry comes to the host that asks for it', async () => {
      const [, , host] = three(all);
      const pids = pidsOf(host);
      const asked = { ...asItIs(host), vllmd_hive_sqlite_package_file: sqliteFile() };
      const played = await playbook(asked, '--limit', host.name);
      expect(played.code, played.output).toBe(0);
      expect(saidOf(played)).toMatch(
        /^vllmd stays as it is, and vllmd-hive-sqlite \d\S* would be installed, there is none$/,
      );
      const [version, sqlite] = versionsOf(host);
      expect(sqlite).toBe(version);
      expect(pidsOf(host)).toBe(pids);
    });

    test('what apt would refuse is refused before any host is changed', async () => {
      const [, , host] = three(all);
      const newer = await remade(packageFile(), 'vllmd_99.0.0_all.deb');
      const before = [all.map(filesOf), all.map(versionsOf)];
      const alone = await playbook({ ...asItIs(host), vllmd_package_file: newer });
      expect(alone.code).toBe(2);
      expect(alone.tasks.filter(({ play }) => play !== LOOK)).toEqual([]);
      expect(failuresOf(alone)).toEqual([
        [host.name, expect.stringMatching(/goes with no other .* vllmd_hive_sqlite_package_file/)],
      ]);

      const change = 's/^Depends: /Depends: a-nodejs-that-nobody-has, /';
      const sqlite = await remade(sqliteFile(), 'vllmd-hive-sqlite_99.0.0_amd64.deb', change);
      const both = { vllmd_package_file: newer, vllmd_hive_sqlite_package_file: sqlite };
      const unmet = await playbook({ ...asItIs(host), ...both }, '--limit', host.name);
      expect(unmet.code).toBe(2);
      expect(unmet.tasks.filter(({ play }) => play !== LOOK)).toEqual([]);
      expect(endOf(unmet, host.name, PACKAGES).result.stdout).toContain('a-nodejs-that-nobody-has');

      const other = { ...both, vllmd_package_file: packageFile() };
      const unlike = await playbook({ ...asItIs(host), ...other });
      expect(unlike.code).toBe(2);
      expect(failuresOf(unlike).map(([, said]) => said)).toEqual(
        all.map(() => expect.stringContaining('its version is to be that of vllmd_package_file')),
      );
      expect([all.map(filesOf), all.map(versionsOf)]).toEqual(before);
    });

    test('a newer package is looked with and installed, and nothing is restarted for it', async () => {
      const [, , host] = three(all);
      const upgraded = {
        ...asItIs(host),
        vllmd_package_file: await remade(packageFile(), 'vllmd_99.0.0_all.deb'),
        vllmd_hive_sqlite_package_file: await remade(
          sqliteFile(),
          'vllmd-hive-sqlite_99.0.0_amd64.deb',
        ),
      };
      const pids = pidsOf(host);
      const played = await playbook(upgraded, '--limit', host.name);
      expect(played.code, played.output).toBe(0);
      expect(saidOf(played)).toMatch(
        /^vllmd 99\.0\.0 would be installed, there is \d\S*, and vllmd-hive-sqlite 99\.0\.0 would be installed, there is \d[^;]*$/,
      );
      expect(versionsOf(host)).toEqual(['99.0.0', '99.0.0']);
      expect(host.ask('dpkg --audit; apt-get -qq check')).toBe('');
      expect(pidsOf(host)).toBe(pids);
    });

    test('a package that is older than the installed one is refused before any host is changed', async () => {
      const [, , host] = three(all);
      const before = [all.map(filesOf), all.map(versionsOf)];
      const older = { ...asItIs(host), vllmd_hive_sqlite_package_file: sqliteFile() };
      const played = await playbook(older);
      expect(played.code).toBe(2);
      expect(played.tasks.filter(({ play }) => play !== LOOK)).toEqual([]);
      const said = /^vllmd 99\.0\.0 is installed here, .* older .*: give it a package of 99\.0\.0/;
      expect(failuresOf(played)).toEqual([[host.name, expect.stringMatching(said)]]);
      expect([all.map(filesOf), all.map(versionsOf)]).toEqual(before);
    });

    test('what is to be started later is no failure, and a directory that is there keeps its mode', async () => {
      const [host] = three(all);
      host.ask('install -d -m 700 /srv/own');
      const text = `${config(7, 6)}
[[runtimes]]
index = 3
name = "three"
cpus = 1
`;
      const own = { vllmd_start: false, vllmd_config_path: '/srv/own/vllmd.toml' };
      const options = ['--skip-tags', 'look', '--limit', host.name];
      const played = await playbook({ ...vars(text), ...own }, ...options);
      expect(played.code, played.output).toBe(0);
      expect(endOf(played, host.name, INSTALL).result.changed).toBe(true);
      expect(runtimesOf(host)).toEqual({ one: 'active 7', two: 'active 5' });
      expect(host.ask('stat -c %a /srv/own /srv/own/vllmd.toml')).toBe('700\n644');
      const again = await playbook({ ...vars(text), ...own }, ...options);
      expect(again.code, again.output).toBe(0);
      expect(changedOf(again)).toEqual([0]);
    });

    test('every option of the role is one that vllmd understands', async () => {
      const options = {
        vllmd_lenient: true,
        vllmd_start: false,
        vllmd_restart: false,
        vllmd_retry_failed: true,
        vllmd_all_or_nothing: true,
        vllmd_only: [1, 2],
        vllmd_max_downtime: '1h',
        vllmd_overwrite_drift: ['/etc/vllmd/network.env'],
        vllmd_adopt: ['/etc/vllmd/network.env'],
        vllmd_reenable: true,
        vllmd_unmask: true,
        vllmd_allow_empty: true,
        vllmd_config_backup: true,
        vllmd_config_mode: '0640',
        vllmd_verify_accept: ['edited'],
      };
      const given = { ...vars(config(7, 6)), vllmd_package_file: '', ...options };
      const played = await playbook(given, '--skip-tags', 'look', '--limit', 'gpu1');
      expect(played.code, played.output).toBe(0);
      expect(three(all)[0].ask('stat -c %a /etc/vllmd/config.toml')).toBe('640');
    });
  },
);

/** All files but those of the account that comes. */
function filesOf({ ask }: ManagedHost): string {
  return ask("snapshot | grep -v '^/home/ops'");
}

function pidsOf({ ask }: ManagedHost): string {
  return ask('echo $(pid_of 1) $(pid_of 2)');
}

/** Of vllmd and of vllmd-hive-sqlite. */
function versionsOf({ ask }: ManagedHost): readonly string[] {
  const show = (name: string) => `echo "$(dpkg-query -W -f='\${Version}' ${name} 2>/dev/null)"`;
  return ask(`${show('vllmd')}; ${show('vllmd-hive-sqlite')}; echo .`)
    .split('\n')
    .slice(0, 2);
}

/** Which package a look would bring. */
function saidOf({ tasks }: Played): string | undefined {
  return tasks.find(({ task }) => task === 'Say which package comes')?.result.msg;
}

/** Each host that has failed, and what was said of it. */
function failuresOf({ tasks }: Played): readonly (readonly [string, string | undefined])[] {
  return tasks
    .filter(({ state }) => state === 'failed')
    .map(({ host, result }) => [host, result.msg]);
}

function runtimesOf({ ask }: ManagedHost): object {
  const [first, second] = ask(
    'echo "$(state_of 1) $(cpus_of 1)"; echo "$(state_of 2) $(cpus_of 2)"',
  ).split('\n');
  return { one: first, two: second };
}

/** That of the last play that has it. */
function endOf({ tasks, output }: Played, host: string, task: string): TaskEnd {
  const end = tasks.findLast((one) => one.host === host && one.task === task);
  if (end === undefined) throw new Error(`${host} has no task ${task}:\n${output}`);
  return end;
}

/** In which order hosts were changed and compared. */
function orderOf({ tasks }: Played): readonly string[] {
  return tasks
    .filter(
      ({ play, task }) =>
        play === 'One host after the other' && (task === INSTALL || task === COMPARE),
    )
    .map(({ host, task }) => `${host}: ${task}`);
}

function changedOf({ stats }: Played): readonly number[] {
  return [...stats.values()].map(({ changed }) => changed);
}

function three([first, second, third]: readonly ManagedHost[]) {
  if (first === undefined || second === undefined || third === undefined) throw new RangeError();
  return [first, second, third] as const;
}

/** What each install writes besides: its record, the notes of starts. */
const ownWrites = ['/var/lib/vllmd/install', '/home/sdake/.local/state/vllmd-hypervisor'];

/** The files and links that are others, new or gone, but for these and what lies below them; in order. */
function changedBetween(before = '', after: string, others: readonly string[]): readonly string[] {
  const [old, now] = [new Set(before.split('\n')), new Set(after.split('\n'))];
  const differing = [...old, ...now]
    .filter((line) => !old.has(line) || !now.has(line))
    .map((line) => line.split(' '))
    .filter(([, type]) => type !== 'd')
    .map(([path = '']) => path)
    .filter((path) => !others.some((other) => path === other || path.startsWith(`${other}/`)));
  return [...new Set(differing)].sort();
}

/** The paths of a diff as vllmd_install has it, in their order. */
function headersIn(diff: string): readonly string[] {
  return [
    ...diff.matchAll(/^(?:create|update|delete|metadata) (?:file|link|directory|data) (\S+)/gm),
  ].map(([, path = '']) => path);
}

function diffOf({ diff }: TaskEnd['result']): string {
  return Array.isArray(diff) ? diff.map(({ prepared = '' }) => prepared).join('') : '';
}
