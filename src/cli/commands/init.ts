import { resolve } from 'node:path';
import { counted } from '../../core/counted.ts';
import type { SetupFacts } from '../../core/facts/setup.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import { userNameProblem } from '../../core/init/choose-user.ts';
import type { Proposal } from '../../core/init/proposal.ts';
import { propose, type Wishes } from '../../core/init/propose.ts';
import { writeConfig } from '../../core/init/write-config.ts';
import {
  leftOutWords,
  nextCommands,
  proposalHuman,
  recordedUserWords,
} from '../../core/report/init-human.ts';
import { initJson } from '../../core/report/init-json.ts';
import type { RecordedSubject } from '../../core/report/recorded-json.ts';
import { wrap } from '../../core/report/wrap.ts';
import { pastedWord } from '../../core/shell-word.ts';
import { readSetupFacts } from '../../host/read-setup.ts';
import type { Output, World } from '../../host/world.ts';
import { during, READING } from '../during.ts';
import { hostOf, recordedSubject, tellGaps } from '../host-of.ts';
import { askForConfig } from '../init/ask-for-config.ts';
import { styleFor } from '../style-for.ts';
import { writeJson } from '../write-json.ts';
import { checkPlace, type NewFile, writeNewFile } from '../write-new-file.ts';

export type InitOptions = {
  readonly facts?: string | undefined;
  readonly output?: string | undefined;
  readonly user?: string | undefined;
  readonly withoutGpus: boolean;
  readonly yes: boolean;
  readonly force: boolean;
  readonly json: boolean;
};

/** Writes a first config for this host, asking on a terminal. */
export async function init(options: InitOptions, world: World): Promise<number> {
  checkOptions(options, world);
  const place = placeOf(options, world);
  if (place !== undefined) await checkPlace(place, world);
  const view = hostOf(options.facts, world);
  const facts = await during(world, READING, () => readSetupFacts(view.host));
  const wishes = wishesOf(options, world);
  const first = propose(facts, wishes);
  if (first.runtimes.length === 0) throw nothingToPropose(first, options.facts);
  const isPlaceGiven = options.output !== undefined;
  const asks = place !== undefined && !options.yes;
  const said = place === undefined ? world.notes : world.stdout;
  if (!asks && !options.json) tellProposal(first, facts, said);
  const chosen = asks
    ? await askForConfig({ facts, wishes, place, isPlaceGiven }, world)
    : { proposal: first, place };
  const text = writeConfig(chosen.proposal);
  const copy =
    chosen.place === undefined ? undefined : await writeNewFile(chosen.place, text, world);
  report({ ...chosen, text, copy, recorded: recordedSubject(view) }, options, world);
  tellGaps(view, world);
  return exitCodes.ok;
}

function checkOptions({ output, user, yes, json, facts }: InitOptions, world: World): void {
  if (facts !== undefined && output === undefined) {
    const help = yes
      ? 'name a file with --output FILE, or - for stdout'
      : 'add --output FILE --yes, or --output - to look at it first';
    throw new VllmdError('usage', 'a config for a recorded host has no usual place here', help);
  }
  const problem = user === undefined ? undefined : userNameProblem(user);
  if (problem !== undefined) {
    const message = `--user ${user} is no account that VMs can run as: ${problem}`;
    throw new VllmdError('usage', message, 'name an account such as vllm');
  }
  if (yes || output === '-' || (!json && world.terminal() !== undefined)) return;
  throw new VllmdError(
    'usage',
    json ? '--json asks no questions' : 'init asks questions, and there is no terminal here',
    'add --yes to write what is proposed, or --output - to look at it first',
  );
}

/** Accounts of this machine say nothing of a recorded one. */
function wishesOf({ user, withoutGpus, facts }: InitOptions, world: World): Wishes {
  const { uid, env } = world;
  const isHere = facts === undefined;
  const sudoUser = isHere && uid === 0 ? env['SUDO_USER'] : undefined;
  return { asked: user, sudoUser, uid: isHere ? uid : 0, isRecorded: !isHere, withoutGpus };
}

/** undefined: it is printed. */
function placeOf({ output, force }: InitOptions, world: World): NewFile | undefined {
  if (output === '-') return undefined;
  const file = output ?? usualPlace(world);
  const makesParents = output === undefined;
  return { file, absolutePath: resolve(world.cwd, file), force, makesParents };
}

/** Where the other commands look. */
function usualPlace({ uid, env }: World): string {
  const { HOME } = env;
  if (uid === 0) return '/etc/vllmd/config.toml';
  if (HOME !== undefined && HOME !== '') return `${HOME}/.config/vllmd/config.toml`;
  throw new VllmdError('usage', 'there is no $HOME to write to', 'name a file with --output FILE');
}

function nothingToPropose({ leftOut }: Proposal, recorded: string | undefined): VllmdError {
  const host = recorded === undefined ? 'this host' : `the host of ${recorded}`;
  const count = leftOut.flatMap(({ gpus }) => gpus).length;
  const what =
    count === 0
      ? `${host} has no GPU to propose a runtime for`
      : `${count === 1 ? 'the GPU' : `none of the ${count} GPUs`} of ${host} can${count === 1 ? 'not' : ''} go to a runtime as things are`;
  const instead =
    count === 0
      ? `see \`vllmd topology --all${recorded === undefined ? '' : ` --facts ${pastedWord(recorded)}`}\`; --without-gpus proposes one runtime without GPUs`
      : '--without-gpus writes a file all the same: one runtime without GPUs, the others commented out';
  return new VllmdError('preflight', what, [...leftOut.map(leftOutWords), instead].join('\n'));
}

/** Once, and before anything is written: questions begin with it themselves. */
function tellProposal(proposal: Proposal, { inventory }: SetupFacts, said: Output): void {
  const view = { style: styleFor(said), width: said.columns };
  said.write(proposalHuman(proposal, inventory, view));
}

type Report = {
  readonly proposal: Proposal;
  readonly place: NewFile | undefined;
  readonly text: string;
  readonly copy: string | undefined;
  readonly recorded: RecordedSubject | undefined;
};

/** A file that is printed has stdout for itself. */
function report(
  { proposal, place, text, copy, recorded }: Report,
  { json, facts }: InitOptions,
  world: World,
): void {
  const next = place === undefined ? [] : nextCommands(proposal, place.file, facts);
  if (json) {
    writeJson(initJson({ proposal, file: place?.file, text, next, recorded }), world);
    return;
  }
  if (place === undefined) {
    world.stdout.write(text);
    return;
  }
  const { user, runtimes } = proposal;
  const kept = copy === undefined ? '' : `; the former one is ${copy} now`;
  const count = counted(runtimes.length, 'runtime');
  const lines = [
    '',
    `${place.file}: written, ${count} of the account ${user.name}${kept}`,
    ...(facts === undefined ? [] : recordedUserWords(user, facts)),
  ];
  const wrapped = lines.flatMap((line) => wrap(line, world.stdout.columns, '  '));
  const commands = next.map((line) => `  ${line}`);
  world.stdout.write([...wrapped, '', 'next:', ...commands, ''].join('\n'));
}
