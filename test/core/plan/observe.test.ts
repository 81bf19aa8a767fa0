import { expect, test } from 'vitest';
import type { Entry } from '../../../src/core/plan/observed.ts';
import { observe } from '../../../src/host/inspect.ts';
import { createMemoryHost } from '../../../src/host/memory-host.ts';
import { artefact, fileAt, linkTo, manifestOf } from './states.ts';

const SYSTEM = '/etc/systemd/system';
const UNIT = 'vllmd-runtime@1.service';
const own = artefact('[Service]\n', { path: `${SYSTEM}/${UNIT}.d/10-vllmd.conf`, kind: 'dropin' });
const slice = artefact('[Slice]\n', {
  path: `${SYSTEM}/vllmd.slice`,
  kind: 'unit',
  group: 'shared',
});
const recover = { ...slice, path: `${SYSTEM}/vllmd-recover.service` };

function hostWith(entries: Readonly<Record<string, Entry>>) {
  const all = new Map<string, Entry>();
  for (const [path, entry] of Object.entries(entries)) {
    const parts = path.split('/').slice(1, -1);
    parts.forEach((_, position) => {
      const directory = `/${parts.slice(0, position + 1).join('/')}`;
      if (!all.has(directory))
        all.set(directory, { type: 'directory', mode: 0o755, uid: 0, gid: 0 });
    });
    all.set(path, entry);
  }
  return createMemoryHost({ entries: all });
}

test('drop-ins of the operator are read wherever systemd reads them, through links that only root can turn', async () => {
  const host = hostWith({
    [own.path]: fileAt(own.text),
    [`${SYSTEM}/${UNIT}.d/50-mine.conf`]: fileAt('own'),
    [`${SYSTEM}/${UNIT}.d/60-link.conf`]: linkTo('../../link'),
    [`${SYSTEM}/${UNIT}.d/61-null.conf`]: linkTo('/dev/null'),
    [`${SYSTEM}/${UNIT}.d/62-planted.conf`]: { type: 'link', target: '/etc/link', trusted: false },
    [`${SYSTEM}/${UNIT}.d/63-loop.conf`]: linkTo('63-loop.conf'),
    [`${SYSTEM}/${UNIT}.d/64-directory.conf`]: { type: 'directory', mode: 0o755, uid: 0, gid: 0 },
    [`${SYSTEM}/${UNIT}.d/notes.txt`]: fileAt('no drop-in'),
    '/etc/systemd/link': fileAt('linked'),
    [`/run/systemd/system/${UNIT}.d/20-vllmd-devices.conf`]: fileAt('of vllmd'),
    '/usr/lib/systemd/system/service.d/10-all.conf': fileAt('all'),
    [`${SYSTEM}/vllmd-runtime@2.service.d/own.conf`]: fileAt('of another'),
  });
  const { dropIns } = await observe(host, [own], 'none');
  expect([...dropIns]).toEqual([
    [
      UNIT,
      [
        { path: `${SYSTEM}/${UNIT}.d/50-mine.conf`, text: 'own' },
        { path: `${SYSTEM}/${UNIT}.d/60-link.conf`, text: 'linked' },
        { path: `${SYSTEM}/${UNIT}.d/61-null.conf`, text: '' },
        { path: '/usr/lib/systemd/system/service.d/10-all.conf', text: 'all' },
      ],
    ],
  ]);
});

test('masks are looked for although no record names them', async () => {
  const host = hostWith({
    [`${SYSTEM}/${UNIT}`]: linkTo('/dev/null'),
    [`/run/systemd/system/${UNIT}`]: linkTo('/dev/null'),
  });
  const { entries } = await observe(host, [own], 'none');
  expect(entries.get(`${SYSTEM}/${UNIT}`)).toEqual(linkTo('/dev/null'));
  expect(entries.get(`/run/systemd/system/${UNIT}`)).toEqual(linkTo('/dev/null'));
});

test.for(['/usr/lib', '/usr/local/lib', '/lib', '/run'])(
  'a unit in %s whose name vllmd is about to use is seen, once it is its own no more',
  async (prefix) => {
    const host = hostWith({
      [`${prefix}/systemd/system/vllmd.slice`]: fileAt(''),
      [`${prefix}/systemd/system/vllmd-recover.service`]: fileAt(''),
    });
    const { shadowed } = await observe(host, [slice, recover], 'none');
    expect([...shadowed]).toEqual([['vllmd.slice', `${prefix}/systemd/system/vllmd.slice`]]);
    const known = await observe(host, [slice, recover], manifestOf([slice]));
    expect([...known.shadowed]).toEqual([]);
    expect([...(await observe(host, [slice], 'unknown')).shadowed]).toEqual([]);
  },
);
