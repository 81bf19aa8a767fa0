import type { ExitName } from './failure.ts';

/** What each exit code says, in a few words; README.md has the whole of it, and names the same commands and options. */
export const exitMeanings: Readonly<Record<ExitName, string>> = {
  ok: 'Done, or nothing to do.',
  unexpected:
    'Unexpected: a write failed, systemd does not answer, the record is damaged, or a bug. What was done is undone, except where the timer of `--confirm-within` could not be set.',
  notFound: '`explain`: there is no such rule, file, line, unit or key.',
  pending:
    '`verify`: the host is not as it was installed. `install --dry-run --detailed-exitcode`: changes are pending.',
  config: 'The config is not valid, or systemd does not understand the units that follow from it.',
  runtime:
    'A unit did not start, stop or stay up. Its group is as before, or with `--all-or-nothing` all are; the end of its journal is on standard error. `llama run`: an instance did not start, was not healthy in time or failed. `select`: a step failed, and what was done is undone. `select status --check`: it is not healthy.',
  conflict:
    'Conflict: a path is not as vllmd left it, a saved plan is stale, or the last install waits for `vllmd confirm`. `migrate`: the config is a link. `init`, `topology --svg`: the file is there already. Nothing is changed.',
  preflight:
    'The host is not ready for the config, or `precheck` says NOT-READY. It would take longer than `--max-downtime`, or remove a runtime with `prevent_removal`. `init`: no GPU can be passed on. `llama run`: there is no llama-server that can be executed. `select`: no host and backend fit the model. Nothing is changed.',
  locked: 'Another vllmd changes this host, or another `select` runs. Nothing is changed.',
  rollbackIncomplete:
    'The way back could not be finished: remove the cause that is named, then run the commands that are listed. `select`: what may still run is named, and on record.',
  restartPending:
    '`install --detailed-exitcode`: done, and a restart, a reboot or what `--only` left out is pending.',
  usage: 'Wrong usage; `disk reset` without `--yes`. Nothing is changed.',
  noConfig:
    'There is no config file; the places looked at are listed. Or there is no recording behind `--facts`, or none that this vllmd can read.',
  needsRoot: 'Root is required. `migrate`: or the account that the config belongs to.',
  interrupted:
    'SIGINT: the step was finished and everything taken back. A watch (`status --watch`) ends with 0. `llama run`: before all were healthy; afterwards it ends with 0.',
  terminated: 'SIGTERM: the same; a watch has nothing to take back.',
};
