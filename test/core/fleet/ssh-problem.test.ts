import { expect, test } from 'vitest';
import { sshProblem } from '../../../src/core/fleet/ssh-problem.ts';

test('what ssh said last is why, without its name and its full stop', () => {
  const text = 'Warning: something\r\nssh: connect to host h port 22: Connection refused\r\n';
  expect(sshProblem(text)).toBe('connect to host h port 22: Connection refused');
  expect(sshProblem('a@h: Permission denied (publickey).\n')).toBe(
    'a@h: Permission denied (publickey)',
  );
});

test('a key or a password that cannot be used is part of why nobody is let in', () => {
  const denied = 'a@h: Permission denied (publickey).\n';
  for (const cause of [
    'no such identity: [REDACTED]: No such file or directory',
    'Load key "[REDACTED]": error in libcrypto',
    'ssh_askpass: exec(/tmp/x/askpass): Permission denied',
    'ssh_askpass: a jump host asked for a password',
    "Permissions 0644 for '[REDACTED]' are too open",
  ]) {
    expect(sshProblem(`${cause}.\n${denied}`)).toBe(
      `a@h: Permission denied (publickey) (${cause})`,
    );
  }
});

test('another host key than before is told in one line, with where the known one stands', () => {
  const text = [
    '@@@@@@@@@@@',
    '@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @',
    '@@@@@@@@@@@',
    'IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!',
    'Offending ED25519 key in /home/a/.ssh/known_hosts:3',
    'Host key verification failed.',
  ].join('\r\n');
  expect(sshProblem(text)).toBe(
    'host key verification failed: the host has another key than the one that is known (Offending ED25519 key in /home/a/.ssh/known_hosts:3)',
  );
});

test('a host that is not known is told with what to do', () => {
  const text =
    'No ED25519 host key is known for h and you have requested strict checking.\r\nHost key verification failed.\r\n';
  expect(sshProblem(text)).toBe(
    'host key verification failed: no ED25519 host key is known for h; log in once by hand, or add it to known_hosts',
  );
  expect(sshProblem('Host key verification failed.\n')).toBe('host key verification failed');
});

test('nothing said is no reason', () => {
  expect(sshProblem(' \n')).toBe('');
});
