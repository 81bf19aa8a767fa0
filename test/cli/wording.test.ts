import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { call, edit, healthy, install, installed } from '../support/call.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const dropIn = '/etc/systemd/system/vllmd-runtime@1.service.d/10-vllmd.conf';

test('an uninstall that meets an edit names the one flag that it has, and says that it deletes', async () => {
  const machine = await installed();
  await edit(machine, dropIn, 'mine\n');
  for (const argv of [['uninstall'], ['uninstall', '--dry-run']]) {
    const { err } = await call(machine, argv);
    expect(err).toContain('What uninstall would do:');
    expect(err).toContain(`help: --overwrite-drift ${dropIn} deletes it and keeps a copy\n`);
    expect(err).not.toMatch(/--keep-drift|replaces it/);
  }
  await healthy(machine, ['uninstall', '--overwrite-drift', dropIn]);
});

test('a rollback that meets an edit says what it would do, and its flags do it', async () => {
  const machine = await installed('/memory.toml');
  await edit(machine, dropIn, 'mine\n');
  const removal = await call(machine, ['rollback', '0']);
  expect(removal.err).toContain('What rollback would do:');
  expect(removal.err).toContain(`--overwrite-drift ${dropIn} deletes it and keeps a copy`);
  expect(removal.err).toContain(`--keep-drift ${dropIn} leaves it as it is`);
  const back = await call(machine, ['rollback', '1']);
  expect(back.err).toContain(`--overwrite-drift ${dropIn} replaces it and keeps a copy`);
  await healthy(machine, ['rollback', '0', '--keep-drift', dropIn]);
  expect(machine.entries.get(dropIn)).toMatchObject({ text: 'mine\n' });
});

test('an uninstall and a rollback say nothing of the config', async () => {
  const uninstall = await healthy(await installed(), ['uninstall']);
  expect(uninstall.out).toMatch(/stop vllmd-runtime@1\.service +uninstall removes it\n/);
  expect(uninstall.err).toMatch(/stop vllmd-runtime@1\.service: uninstall removes it\n/);
  const removal = await healthy(await installed(), ['rollback', '0']);
  expect(removal.out).toMatch(/stop vllmd-runtime@1\.service +it is not in that generation\n/);
  const back = await healthy(await installed('/fewer.toml'), ['rollback', '--settle', '0']);
  expect(back.out).toMatch(/start vllmd-runtime@2\.service +it is in that generation\n/);
  for (const { out, err } of [uninstall, removal, back])
    expect(out + err).not.toMatch(/(in|as) the config/);
});

test('where there is nothing to do, it is said of what was asked for', async () => {
  const machine = await installed('/memory.toml');
  expect((await healthy(machine, ['rollback', '2'])).out).toBe(
    'Nothing to do: the host is as that generation left it.\n',
  );
  expect((await healthy(machine, install('/memory.toml'))).out).toBe(
    'Nothing to do: the host is as the config says.\n',
  );
  const disk = '/home/sdake/.local/state/vllmd-hypervisor/runtime-1/disk.raw';
  await edit(machine, disk, '');
  await healthy(machine, ['uninstall']);
  expect((await healthy(machine, ['uninstall'])).out).toBe(
    'Nothing to do: what vllmd has installed is removed already.\n',
  );
});

const source = fileURLToPath(new URL('../../src/', import.meta.url));
/** Help and manual name commands, and tell nobody to type them as they are. */
const names = /^cli\/(define|man)\/|^core\/exit-meanings\.ts$|\.gen\.ts$/;
const asRoot = [
  'vllmd (install|uninstall|rollback|confirm|recover|disk reset|history|status|verify)',
  'systemctl (--\\w+ )?(start|stop|restart|reload|enable|unmask|edit|daemon-reload|reset-failed)',
].join('|');
/** `systemctl daemon-reload: …` says what has failed. */
const told = new RegExp(`(?<!sudo )\\b(${asRoot})\\b(?!: |[^\`']*--(dry-run|help))`);

test('whatever needs root is told with sudo', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' });
  const lines = files
    .filter((path) => path.endsWith('.ts') && !names.test(path))
    .flatMap((path) =>
      readFileSync(`${source}${path}`, 'utf8')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => !/^(\/\*|\*|\/\/)/.test(line) && told.test(line))
        .map((line) => `${path}: ${line}`),
    );
  expect(lines).toEqual([]);
});
