import { shells } from '../completion/shells.ts';
import { type Command, type CommandGroup, command } from './command.ts';

/** It prints what it is itself a part of. */
export function shellCommands(all: () => readonly (Command | CommandGroup)[]): readonly [Command] {
  return [
    command({
      name: 'completion',
      summary: 'Print a script that completes command lines in a shell',
      positionals: {
        shell: { choices: shells, demandOption: true, describe: 'The shell that reads the script' },
      },
      examples: [
        ['source <($0 completion bash)', 'in this shell, until it ends'],
        ['$0 completion fish | source', 'the same in fish; in its config.fish, for good'],
      ],
      run: ({ shell }, world) =>
        import('../commands/completion.ts').then((m) => m.completion(shell, all(), world)),
    }),
  ];
}
