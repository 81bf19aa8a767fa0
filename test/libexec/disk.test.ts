import { execFileSync, spawnSync } from 'node:child_process';
import { statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FakeHost } from './script.ts';

const required = process.env['CI'] !== undefined;
const path = `${process.env['PATH']}:/usr/sbin:/sbin`;
const hasTools = ['mkdosfs', 'mcopy'].every(
  (tool) => spawnSync('sh', ['-c', `command -v ${tool}`], { env: { PATH: path } }).status === 0,
);

test('mkdosfs and mcopy are there, or this machine is not CI', () => {
  expect(hasTools || !required).toBe(true);
});

class DiskHost extends FakeHost {
  constructor(seeds: Readonly<Record<string, string>> = { 'user-data': 'u', 'meta-data': 'm' }) {
    super();
    this.file('/base.raw', 'boot sector');
    truncateSync(this.path('/base.raw'), 2 ** 20);
    this.directory('/dir/cloud-init');
    for (const [name, text] of Object.entries(seeds)) this.file(`/dir/cloud-init/${name}`, text);
  }

  start(bytes = 2 ** 21) {
    return this.run('disk', [], {
      VLLMD_RUNTIME_DIR: this.path('/dir'),
      VLLMD_RUNTIME_BASE_IMAGE: this.path('/base.raw'),
      VLLMD_RUNTIME_DISK_BYTES: String(bytes),
    });
  }

  size(): number {
    return statSync(this.path('/dir/disk.raw')).size;
  }

  seed(name: string): string {
    const image = this.path('/dir/seed.img');
    return execFileSync('mcopy', ['-i', image, `::${name}`, '-'], {
      encoding: 'utf8',
      maxBuffer: 2 ** 24,
    });
  }
}

const good = { code: 0, stdout: '', stderr: '' };

test.skipIf(!hasTools)('copies the base image once, and lets the disk grow', async () => {
  using host = new DiskHost();
  expect(await host.start()).toEqual(good);
  expect(host.size()).toBe(2 ** 21);
  expect(statSync(host.path('/dir/disk.raw')).mode & 0o777).toBe(0o600);

  writeFileSync(host.path('/dir/disk.raw'), 'the work of a guest', { flag: 'r+' });
  expect(await host.start(2 ** 22)).toEqual(good);
  expect(host.size()).toBe(2 ** 22);
  expect(await host.start(2 ** 20)).toEqual(good);
  expect(host.size()).toBe(2 ** 22);
  expect(host.read('/dir/disk.raw')).toMatch(/^the work of a guest/);
});

test.skipIf(!hasTools)('takes away what an interrupted start left', async () => {
  using host = new DiskHost();
  host.file('/dir/disk.raw.new', 'half a copy');
  host.file('/dir/seed.img.new', 'half an image');
  expect(await host.start()).toEqual(good);
  expect(host.read('/dir/disk.raw')).toMatch(/^boot sector/);
  expect(host.exists('/dir/disk.raw.new') || host.exists('/dir/seed.img.new')).toBe(false);
});

test('refuses a copy that the file system has no room for', async () => {
  using host = new DiskHost();
  writeFileSync(host.path('/base.raw'), Buffer.alloc(3 * 2 ** 20, 1));
  host.program('df', 'echo Avail; echo 1048576');
  const { code, stderr } = await host.start();
  expect(code).toBe(1);
  expect(stderr).toBe(
    'vllmd: /dir: the copy of /base.raw needs 3 MiB and the file system has 1 MiB free; make room, or set global.state_dir to a larger one\n',
  );
  expect(host.exists('/dir/disk.raw') || host.exists('/dir/disk.raw.new')).toBe(false);
});

test.for<[string, string, string]>([
  ['qcow2', '514649fb00000003', "qemu-img convert -O raw '/base.raw' '/base.raw.raw'"],
  ['VHDX', '7668647866696c65', 'qemu-img convert'],
  ['VHD', '636f6e6563746978', 'qemu-img convert'],
  ['VMDK', '4b444d5601000000', 'qemu-img convert'],
  ['VDI', '3c3c3c204f726163', 'qemu-img convert'],
  ['gzip', '1f8b080000000000', "gzip -dc '/base.raw' >'/base.raw.raw'"],
  ['xz', 'fd377a585a000000', 'xz -dc'],
  ['zstd', '28b52ffd00000000', 'zstd -d'],
  ['bzip2', '425a683931415926', 'bzip2 -dc'],
  ['zip', '504b030414000000', 'unzip -p'],
])(
  'refuses a %s image, with the command that makes a raw one',
  async ([format, magic, command]) => {
    using host = new DiskHost();
    writeFileSync(host.path('/base.raw'), Buffer.from(magic, 'hex'), { flag: 'r+' });
    const { code, stderr } = await host.start();
    expect(code).toBe(1);
    expect(stderr).toContain(`vllmd: /base.raw: it is a ${format} image`);
    expect(stderr).toContain(command);
    expect(host.exists('/dir/disk.raw')).toBe(false);
  },
);

test('names a base image that is missing or empty, and a link to nowhere', async () => {
  using host = new DiskHost();
  truncateSync(host.path('/base.raw'), 0);
  expect((await host.start()).stderr).toMatch(/the base image is empty/);
  host.remove('/base.raw');
  expect((await host.start()).stderr).toMatch(/cannot read the base image/);
  symlinkSync('/mnt/not-mounted/disk.raw', host.path('/dir/disk.raw'));
  expect((await host.start()).stderr).toMatch(/the link leads to nothing \(\/mnt\/not-mounted/);
});

test.skipIf(!hasTools)('puts into the seed image what there is, whatever its size', async () => {
  const large = `#cloud-config\n${'x'.repeat(5 * 2 ** 20)}`;
  using host = new DiskHost({ 'user-data': large, 'meta-data': 'instance-id: a' });
  expect(await host.start()).toEqual(good);
  expect(host.seed('user-data')).toBe(`${large}\n`);
  expect(host.seed('meta-data')).toBe('instance-id: a\n');
  expect(() => host.seed('network-config')).toThrow();
  expect(statSync(host.path('/dir/seed.img')).mode & 0o777).toBe(0o600);

  host.file('/dir/cloud-init/network-config', 'version: 2');
  expect(await host.start()).toEqual(good);
  expect(host.seed('network-config')).toBe('version: 2\n');
});
