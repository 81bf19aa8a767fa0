import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Ended, run, textOf } from '../system/run.ts';
import type { ManagedHosts } from './managed-hosts.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
export const packaging = join(here, '../../packaging/ansible');

type State = 'ok' | 'failed' | 'skipped' | 'unreachable';

/** What one task has come to on one host. */
export type TaskEnd = {
  readonly host: string;
  readonly play: string;
  readonly task: string;
  readonly state: State;
  readonly result: TaskResult;
};

type TaskResult = {
  readonly changed?: boolean;
  readonly msg?: string;
  readonly exit_code?: number;
  readonly diff?: readonly { readonly prepared?: string }[] | object;
  readonly changes?: readonly { readonly path: string; readonly action: string }[];
  readonly actions?: readonly { readonly verb: string; readonly unit?: string }[];
  readonly pending?: readonly string[];
  readonly warnings?: readonly string[];
  readonly stdout?: string;
  readonly stderr?: string;
};

type Stats = {
  readonly ok: number;
  readonly changed: number;
  readonly failures: number;
  readonly unreachable: number;
};

export type Played = Ended & {
  readonly tasks: readonly TaskEnd[];
  readonly stats: ReadonlyMap<string, Stats>;
};

export type Player = (
  vars: Readonly<Record<string, unknown>>,
  ...args: readonly string[]
) => Promise<Played>;

/** Runs the playbook of the repository on the controller, for all hosts, with variables as an inventory has them. */
export function playerFor({ hosts, within, sshOptions }: ManagedHosts, work: string): Player {
  let runs = 0;
  return async (vars, ...args) => {
    runs += 1;
    const told = join(work, `told-${runs}`);
    const inventory = join(work, `inventory-${runs}.json`);
    const entries = hosts.map(({ name, address }) => [name, { ansible_host: address }]);
    const all = {
      ansible_user: 'ops',
      ansible_python_interpreter: '/usr/bin/python3',
      ansible_ssh_common_args: sshOptions.join(' '),
      ...vars,
    };
    writeFileSync(
      inventory,
      JSON.stringify({ vllmd: { hosts: Object.fromEntries(entries), vars: all } }),
    );
    writeFileSync(told, '');
    const env = {
      HOME: work,
      ANSIBLE_CONFIG: join(packaging, 'ansible.cfg'),
      ANSIBLE_CALLBACK_PLUGINS: join(here, 'callback'),
      ANSIBLE_CALLBACKS_ENABLED: 'told',
      ANSIBLE_SSH_CONTROL_PATH_DIR: join(work, 'cm'),
      ANSIBLE_NOCOLOR: '1',
      VLLMD_TEST_TOLD: told,
    };
    const [file = '', ...before] = within;
    const command = ['ansible-playbook', '-i', inventory, join(packaging, 'rollout.yml'), ...args];
    const ended = await run(file, [...before, ...command], { env });
    writeFileSync(join(work, `play-${runs}.log`), ended.output);
    return { ...ended, ...toldIn(told) };
  };
}

function toldIn(file: string): Pick<Played, 'tasks' | 'stats'> {
  const lines = textOf(file).split('\n').filter(Boolean).map(parsed);
  return {
    tasks: lines.filter((line): line is TaskEnd => 'task' in line),
    stats: new Map(lines.flatMap((line) => ('stats' in line ? [[line.host, line.stats]] : []))),
  };
}

type Line = TaskEnd | { readonly host: string; readonly stats: Stats };

/** The form of what test/ansible/callback/told.py writes. */
function parsed(text: string): Line {
  return JSON.parse(text);
}
