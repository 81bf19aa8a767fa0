import { exitMeanings } from '../../core/exit-meanings.ts';
import { type ExitName, exitCodes } from '../../core/failure.ts';
import * as layout from '../../core/resolve/layout.ts';
import { everySyntax, type Syntax } from '../define/grammar.ts';
import { flagBlock, pageName, references, term, text } from './parts.ts';
import { type Block, bold, italic, type Page } from './roff.ts';

/** vllmd(1): what there is, and where it lies. */
export function programPage(program: Syntax): Page {
  const commands = everySyntax(program).filter((syntax) => isCommand(syntax));
  return {
    ...{ name: 'vllmd', section: 1 },
    summary: 'makes a Linux server with GPUs an inference host, from one TOML file',
    sections: [
      {
        title: 'SYNOPSIS',
        blocks: [
          {
            kind: 'roff',
            roff: `${bold('vllmd')} ${italic('COMMAND')} [${italic('OPTION')}]... [${italic('OPERAND')}]...`,
          },
        ],
      },
      { title: 'DESCRIPTION', blocks: description.map(text) },
      {
        title: 'COMMANDS',
        blocks: commands.map((command) => term(command.path.join(' '), `${command.summary}.`)),
      },
      { title: 'OPTIONS', blocks: [...program.flags.map(flagBlock), text(ofHelp)] },
      { title: 'FILES', blocks: files.map(([path, what]) => term(path, what)) },
      { title: 'ENVIRONMENT', blocks: environment.map(([name, what]) => term(name, what)) },
      { title: 'EXIT STATUS', blocks: exitBlocks() },
      { title: 'EXAMPLES', blocks: exampleOfUse },
      references([
        ...commands.map((command) => [pageName(command), 1] as const),
        ['vllmd.toml', 5],
        ['systemctl', 1],
        ['journalctl', 1],
      ]),
    ],
  };
}

/** What has a page of its own. */
export function isCommand({ isRunnable }: Syntax): boolean {
  return isRunnable;
}

const description = [
  '`vllmd` turns one TOML file into isolated LLM runtimes: each is a cloud-hypervisor VM under systemd, with its GPUs passed through by VFIO, its own disk, network address and cloud-init data.',
  '`vllmd install --dry-run` prints every file as a unified diff and every systemctl action in order, and changes nothing. `vllmd install` prints that plan and carries out exactly it. Only what changed is restarted; a second install does nothing.',
  'Results are printed on standard output, everything else on standard error.',
];

const ofHelp = '`vllmd help` `COMMAND` shows the same as `vllmd` `COMMAND` `--help`.';

const files: readonly (readonly [path: string, what: string])[] = [
  [
    `${layout.ETC_DIR}/config.toml`,
    'The config, unless another one is named; see `vllmd.toml`(5). After it ~/.config/vllmd is looked at.',
  ],
  [`${layout.UNIT_DIR}/vllmd*`, 'The units. Settings of your own belong into drop-ins of these.'],
  [layout.ETC_DIR, 'What the units read and the scripts that they run.'],
  [
    layout.INSTALL_DIR,
    'The record: what was written, the last ten generations, copies of your files, definitions that did not start.',
  ],
  [layout.IMAGE_DIR, 'Firmware and base images, which you put there.'],
  [layout.LOCK_PATH, 'The lock, and who holds it. It ends with its process.'],
];

const environment: readonly (readonly [name: string, what: string])[] = [
  ['VLLMD_HYPERVISOR_CONFIG', 'The config file where none is named on the command line.'],
  ['VLLMD_RUNTIMES', 'The file with hosts, backends and models where --file names none.'],
  ['VLLMD_HIVE_URL', 'Where the registry is that `vllmd hive` asks, where --url names none.'],
  ['VLLMD_HIVE_KEY', 'The key of a client that it asks with, where --key-file names no file.'],
  ['SUDO_USER', 'Under sudo the config is looked for in the home of this account.'],
  ['NO_COLOR', 'Where it is not empty, output has no colours.'],
  [
    'FORCE_COLOR',
    'Where it is not empty, output has colours also where it does not go to a terminal. `0` and `false` are none, and `NO_COLOR` wins.',
  ],
  ['TERM', '`dumb`: as where there is no terminal. No colours, nothing is written over or cut.'],
];

const exampleOfUse: readonly Block[] = [
  text('Check the config, look at the plan, carry it out, and see what runs:'),
  {
    kind: 'lines',
    lines: [
      'vllmd validate',
      'sudo vllmd install --dry-run',
      'sudo vllmd install',
      'sudo vllmd status',
    ],
  },
];

const exitNames = Object.keys(exitMeanings).filter((name): name is ExitName => name in exitCodes);

/** One a code, whatever it is called for programs. */
function exitBlocks(): readonly Block[] {
  const codes = [...new Set(Object.values(exitCodes))];
  return codes.map((code) => {
    const names = exitNames.filter((name) => exitCodes[name] === code);
    return term(String(code), names.map((name) => exitMeanings[name]).join(' '));
  });
}
