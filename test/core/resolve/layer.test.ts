import { expect, test } from 'vitest';
import { isOwnPath, parseManifest } from '../../../src/core/plan/manifest.ts';
import { hostLayer, llamaLayer } from '../../../src/core/resolve/layer.ts';

const ofLlama = [
  '/etc/systemd/system/vllmd-llama@.service',
  '/etc/systemd/system/vllmd-llama@glm-4.7.service.d',
  '/etc/systemd/system/vllmd-llama@glm-4.7.service.d/10-vllmd.conf',
  '/etc/systemd/system/vllmd-llama-recover.service',
  '/etc/systemd/system/vllmd-llama.slice',
  '/etc/systemd/system/vllmd-llama.target',
  '/etc/systemd/system/vllmd-llama.target.wants/vllmd-llama@glm-4.7.service',
  '/etc/systemd/system/multi-user.target.wants/vllmd-llama.target',
  '/etc/vllmd/llama',
  '/etc/vllmd/llama/glm-4.7.env',
  '/etc/vllmd/llama/glm-4.7.secrets',
  '/etc/vllmd/libexec/llama-health',
];

const ofHost = [
  '/etc/systemd/system/vllmd-runtime@.service',
  '/etc/systemd/system/vllmd-runtime@1.service.d/10-vllmd.conf',
  '/etc/systemd/system/vllmd.target',
  '/etc/systemd/system/vllmd.target.wants/vllmd-runtime@1.service',
  '/etc/systemd/system/multi-user.target.wants/vllmd.target',
  '/etc/vllmd/runtime-1.env',
  '/etc/vllmd/libexec/booted',
  '/home/x/.config/vllmd/runtime-1.vm.json',
];

test('the record of one layer names no file of the other', () => {
  for (const path of ofLlama) {
    expect([path, isOwnPath(path, hostLayer), isOwnPath(path, llamaLayer)]).toEqual([
      path,
      false,
      true,
    ]);
  }
  for (const path of ofHost) {
    expect([path, isOwnPath(path, hostLayer), isOwnPath(path, llamaLayer)]).toEqual([
      path,
      true,
      false,
    ]);
  }
});

test('neither names a file that is not its own', () => {
  for (const path of [
    '/etc/passwd',
    '/etc/vllmd/llama/../../passwd',
    '/etc/vllmd/llama/x',
    '/etc/vllmd/config.toml/x',
    '/etc/systemd/system/vllmd-llama@x.service.d/20-mine.conf',
    '/etc/systemd/system/sshd.service',
  ]) {
    expect([path, isOwnPath(path, llamaLayer)]).toEqual([path, false]);
  }
});

test('a backup is believed only below the record of its own layer', () => {
  const file = {
    path: '/etc/vllmd/llama/x.env',
    mode: '0644',
    uid: 0,
    gid: 0,
    sha256: '',
    kind: 'env',
    group: 'instance:x',
    secret: false,
  };
  const manifest = (backup: string) =>
    JSON.stringify({
      schema: 1,
      lineage: 'x',
      generation: 1,
      vllmd: '1',
      config: { path: '/c', sha256: '' },
      files: [{ ...file, backup }],
      links: [],
      units: [],
      dirs: [],
      runtimes: [{ index: 'instance:x', gpus: [], autostart: true, restart: 'auto' }],
    });
  const own = manifest('/var/lib/vllmd/llama/backups/1/etc/vllmd/llama/x.env');
  expect(parseManifest(own, llamaLayer)).toEqual(JSON.parse(own));
  expect(parseManifest(own, hostLayer)).toBe(
    'names a path that vllmd never writes: /etc/vllmd/llama/x.env',
  );
  const other = '/var/lib/vllmd/install/backups/1/etc/vllmd/llama/x.env';
  expect(parseManifest(manifest(other), llamaLayer)).toBe(
    `names a backup that vllmd never made: ${other}`,
  );
});
