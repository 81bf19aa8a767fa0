import type { SetupFacts } from '../../core/facts/setup.ts';
import { VllmdError } from '../../core/failure.ts';
import { isUplink } from '../../core/init/choose-network.ts';
import { userNameProblem } from '../../core/init/choose-user.ts';
import type { Proposal, ProposedGpu } from '../../core/init/proposal.ts';
import { propose, type Wishes } from '../../core/init/propose.ts';
import { writeConfig } from '../../core/init/write-config.ts';
import { proposalHuman } from '../../core/report/init-human.ts';
import type { World } from '../../host/world.ts';
import { styleFor } from '../style-for.ts';
import type { NewFile } from '../write-new-file.ts';
import { askPlace } from './ask-for-place.ts';
import { askSizes } from './ask-for-sizes.ts';
import { openPrompts, type Prompts } from './prompts.ts';

type Start = {
  readonly facts: SetupFacts;
  readonly wishes: Wishes;
  readonly place: NewFile;
  /** Named on the command line, and so not asked for. */
  readonly isPlaceGiven: boolean;
};

type Answers = { readonly proposal: Proposal; readonly place: NewFile | undefined };

/** What there is to know of the host, then question by question, each with the answer that --yes would give. */
export async function askForConfig(start: Start, world: World): Promise<Answers> {
  const { facts, wishes } = start;
  const terminal = world.terminal();
  if (terminal === undefined) throw new VllmdError('usage', 'there is no terminal', 'add --yes');
  const prompts = await openPrompts(terminal);
  const first = propose(facts, wishes);
  const view = { style: styleFor(world.stderr), width: prompts.width };
  prompts.say(proposalHuman(first, facts.inventory, view).trimEnd());
  const gpus = await askGpus(first, prompts);
  const asked = await askUser(first, prompts);
  const proposal = propose(facts, { ...wishes, gpus, asked });
  const uplink = await askUplink(proposal, facts, prompts);
  const runtimes = await askSizes(proposal.runtimes, facts.inventory, prompts);
  const place = start.isPlaceGiven ? start.place : await askPlace(start.place, prompts, world);
  const network = { ...proposal.network, uplink };
  const user = asked === first.user.name ? first.user : proposal.user;
  const answered = { ...proposal, network, runtimes, user };
  prompts.say(writeConfig(answered));
  const question = place === undefined ? 'Print this to stdout?' : `Write this to ${place.file}?`;
  if (await prompts.confirm(question)) return { proposal: answered, place };
  throw new VllmdError('interrupted', 'nothing was written');
}

/** undefined where there is nothing to choose. */
async function askGpus(
  { runtimes, leftOut }: Proposal,
  prompts: Prompts,
): Promise<ReadonlySet<string> | undefined> {
  const able = runtimes.flatMap(({ gpus }) => choiceOf(gpus, true));
  if (able.length === 0) return undefined;
  const unable = leftOut.flatMap(({ gpus, reasons: [hint = ''] }) =>
    choiceOf(gpus, false).map((choice) => ({ ...choice, hint })),
  );
  const message = 'Which GPUs get a runtime? Space chooses, Enter goes on';
  const initial = able.map(({ value }) => value);
  return new Set(await prompts.several(message, [...able, ...unable], initial));
}

function choiceOf(gpus: readonly ProposedGpu[], isAble: boolean) {
  const [first] = gpus;
  if (first === undefined) return [];
  const node = first.numaNode === undefined ? '' : `, NUMA node ${first.numaNode}`;
  const label = `${gpus.map(({ address }) => address).join(' + ')}  ${first.name}${node}`;
  return [{ value: first.address, label, disabled: !isAble }];
}

function askUser({ user }: Proposal, prompts: Prompts): Promise<string> {
  return prompts.text({
    message: `Which account runs the virtual machines? (${accountWords(user)})`,
    initial: user.name,
    problem: userNameProblem,
  });
}

function accountWords({ exists, why }: Proposal['user']): string {
  if (exists === undefined) return 'the recording does not tell of it';
  return exists ? why : 'it is still to be made';
}

const ANY = '';

/** undefined is any. */
async function askUplink(
  { network }: Proposal,
  facts: SetupFacts,
  prompts: Prompts,
): Promise<string | undefined> {
  const { uplink } = network;
  const names = facts.network.interfaces.filter(isUplink);
  if (names.length === 0) return uplink;
  const choices = names.map((name) => ({
    value: name,
    label: name,
    ...(name === uplink ? { hint: 'the default route' } : {}),
  }));
  const any = { value: ANY, label: 'any interface' };
  const message = 'By which interface do the guests reach the outside?';
  const answer = await prompts.one(message, [...choices, any], uplink ?? ANY);
  return answer === ANY ? undefined : answer;
}
