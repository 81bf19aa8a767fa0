import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fleet, linesOf, serverCommand } from '../support/fleet.ts';
import { freePort } from '../support/llama-run.ts';
import { sshEntry, twoSshHosts } from '../support/ssh-fleet.ts';
import { scratch, sshObstacle } from '../support/ssh-host.ts';

const hasNoSsh = sshObstacle() !== undefined;
const directory = hasNoSsh ? '' : scratch();
const PASSWORD = 'planted-pa$$word';
const KEY = '~/key';
/** In the arguments of each ssh. */
const CONTROL = 'StrictHostKeyChecking=yes';

/** A host whose every command tells the secrets of the way to it, and looks for them where others could see them. */
async function tellingFleet() {
  const place = async () => ({ address: '127.0.0.1', port: await freePort() });
  const { env, own, h1 } = await twoSshHosts(directory, [await place(), await place()]);
  const it = await fleet({ env });
  const secrets = [PASSWORD, KEY, join(own, 'key')];
  const [patterns, seen] = [join(own, 'patterns'), join(own, 'seen')];
  writeFileSync(patterns, [...secrets, CONTROL, ''].join('\n'));
  const files = `${join(it.state, 'runtime.lock')} ${join(it.state, 'runtime-active.json')}`;
  const words = secrets.map((secret) => `'${secret}'`).join(' ');
  const telling = [
    `grep -hosaFf ${patterns} /proc/[0-9]*/cmdline >> ${seen}`,
    `cat ${files} >> ${seen}-files 2>/dev/null`,
    `echo told ${words}; echo told ${words} >&2`,
  ].join('; ');
  const { connection, ...entry } = sshEntry(h1, {
    stop_cmd: `${telling}; pkill -f ${it.notes} || true`,
    cleanup_cmd: `${telling}; exit 1`,
  });
  it.write({
    hosts: {
      h1: {
        ...{ ...entry, connection: { ...connection, key_path: KEY, password: PASSWORD } },
        health: { check_cmd: `${telling}; exit 3` },
      },
    },
    backend: { apply_cmd: telling, verify_cmd: telling, rollback_cmd: telling },
    models: {
      one: {
        source: KEY,
        // The source is not among its arguments.
        start_cmd: `exec ${serverCommand(it.notes)}`,
        probe_cmd: `${telling}; curl -sf http://127.0.0.1:{port}/health`,
      },
      two: {},
      ends: { start_cmd: `${telling}; exit 3` },
      never: { probe_cmd: `${telling}; exit 22`, probe_timeout_sec: 1 },
    },
  });
  return { it, h1, secrets, seen };
}

/** All that stands below a directory: names, and what is in the files. */
function textsBelow(path: string): readonly string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const place = join(path, name);
    return [name, ...(statSync(place).isFile() ? [readFileSync(place, 'utf8')] : [])];
  });
}

test.skipIf(hasNoSsh)(
  'the password and the key of a host are in nothing that a selection says, writes or runs',
  async () => {
    const { it, h1, secrets, seen } = await tellingFleet();
    const told = (text: string) => secrets.filter((secret) => text.includes(secret));
    const calls: readonly (readonly [code: number, hides: boolean, ...words: string[]])[] = [
      [0, true, 'select', '--model', 'one', '--dry-run', '-v'],
      [0, true, 'select', '--model', 'one', '--dry-run', '--json'],
      [0, true, 'select', '--model', 'one', '-v'],
      [0, false, 'select', 'status'],
      [0, true, 'select', 'status', '--json'],
      [0, true, 'select', 'status', '--check', '--json'],
      [0, true, 'select', '--model', 'two', '--json'],
      [0, true, 'select', '--model', 'one'],
      [4, true, 'select', '--model', 'ends'],
      [4, true, 'select', '--model', 'ends', '--json'],
      [4, true, 'select', '--model', 'never', '--json', '-v'],
      [4, true, 'hosts', 'test', 'h1'],
      [4, true, 'hosts', 'test', 'h1', '--json'],
      [4, true, 'hosts', 'doctor', '--json'],
    ];
    for (const [code, hides, ...words] of calls) {
      const answer = await it.call(...words);
      const shown = answer.out + answer.err;
      const what = { words, told: told(shown), hides: shown.includes('[REDACTED]') };
      expect([answer.code, what], shown).toEqual([code, { words, told: [], hides }]);
    }
    // What was seen while commands ran, of all processes of this machine.
    expect([...new Set(linesOf(seen))]).toEqual([CONTROL]);
    const files = readFileSync(`${seen}-files`, 'utf8');
    expect(files).toContain('"model_id": "one"');
    expect(told(files)).toEqual([]);
    const logs = join(h1.home, '.local/state/vllmd/fleet/logs');
    // A command that writes them into its own log has them there.
    expect(told(readFileSync(join(logs, 'ends-h1.log'), 'utf8'))).toEqual(secrets);
    const logged = readdirSync(logs).filter((name) => !name.startsWith('ends-'));
    expect(logged.toSorted()).toContain('one-h1.log');
    const left = logged.map((name) => readFileSync(join(logs, name), 'utf8'));
    for (const text of [...textsBelow(it.state), ...left]) expect(told(text)).toEqual([]);
  },
  180_000,
);
