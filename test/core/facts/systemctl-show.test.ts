import { expect, test } from 'vitest';
import { parseSystemctlShow } from '../../../src/core/facts/systemctl-show.ts';

test('a service tells its result, its restarts, its start and the files it comes from', () => {
  const text = [
    'Id=vllmd-runtime@1.service',
    'LoadState=loaded',
    'ActiveState=activating',
    'SubState=auto-restart',
    'MainPID=0',
    'Result=exit-code',
    'NRestarts=3',
    'InvocationID=0123456789abcdef0123456789abcdef',
    'NeedDaemonReload=yes',
    'FragmentPath=/etc/systemd/system/vllmd-runtime@.service',
    "DropInPaths=/etc/a.conf \"/run/with space/b.conf\" $'/run/it\\'s/c.conf'",
    '',
  ].join('\n');
  expect(parseSystemctlShow(text).get('vllmd-runtime@1.service')).toEqual({
    loadState: 'loaded',
    activeState: 'activating',
    subState: 'auto-restart',
    mainPid: 0,
    result: 'exit-code',
    restarts: 3,
    invocation: '0123456789abcdef0123456789abcdef',
    needsReload: true,
    fragmentPath: '/etc/systemd/system/vllmd-runtime@.service',
    dropInPaths: ['/etc/a.conf', '/run/with space/b.conf', "/run/it's/c.conf"],
  });
});

test('what a unit does not tell stays unknown, and an empty list is none', () => {
  const text = 'Id=vllmd.target\nNeedDaemonReload=no\nInvocationID=\nDropInPaths=\n';
  const state = parseSystemctlShow(text).get('vllmd.target');
  expect(state).toMatchObject({ needsReload: false, invocation: '', dropInPaths: [] });
  expect(Object.keys(state ?? {})).not.toContain('result');
  expect(Object.keys(state ?? {})).not.toContain('restarts');
  expect(Object.keys(state ?? {})).not.toContain('fragmentPath');
});
