import { resolve } from 'node:path';
import type { SetupFacts } from '../../core/facts/setup.ts';
import { VllmdError } from '../../core/failure.ts';
import { isUplink } from '../../core/init/choose-network.ts';
import { isUserName } from '../../core/init/choose-user.ts';
import type { Proposal, ProposedGpu, ProposedRuntime } from '../../core/init/proposal.ts';
import { propose, type Wishes } from '../../core/init/propose.ts';
import { writeConfig } from '../../core/init/write-config.ts';
import { runtimeRows } from '../../core/report/init-human.ts';
import type { World } from '../../host/world.ts';
import { checkPlace, type NewFile } from '../write-new-file.ts';
import { openPrompts, type Prompts } from './prompts.ts';

type Start = {
  readonly facts: SetupFacts;
  readonly wishes: Wishes;
  readonly place: NewFile;
};

type Answers = { readonly proposal: Proposal; readonly place: NewFile };

/** Question by question, each with the answer that --yes would give. */
export async function askForConfig(start: Start, world: World): Promise<Answers> {
  const { facts, wishes } = start;
  const terminal = world.terminal();
  if (terminal === undefined) throw new VllmdError('usage', 'there is no terminal', 'add --yes');
  const prompts = await openPrompts(terminal);
  const first = propose(facts, wishes);
  const gpus = await askGpus(first, prompts);
  const asked = await askUser(first, prompts);
  const proposal = propose(facts, { ...wishes, gpus, asked });
  const uplink = await askUplink(proposal, facts, prompts);
  const runtimes = await askParts(proposal.runtimes, prompts);
  const place = await askPlace(start.place, prompts, world);
  const network = { ...proposal.network, uplink };
  const user = asked === first.user.name ? first.user : proposal.user;
  const answered = { ...proposal, network, runtimes, user };
  prompts.say(writeConfig(answered));
  if (await prompts.confirm(`Write this to ${place.file}?`)) return { proposal: answered, place };
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
  const there = user.exists ? user.why : 'it is still to be made';
  return prompts.text({
    message: `Which account runs the virtual machines? (${there})`,
    initial: user.name,
    problem: (name) => (isUserName(name) ? undefined : 'an account other than root, such as vllm'),
  });
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

async function askParts(
  runtimes: readonly ProposedRuntime[],
  prompts: Prompts,
): Promise<readonly ProposedRuntime[]> {
  prompts.say(runtimeRows(runtimes).join('\n'));
  if (await prompts.confirm('Take memory and CPUs as they are divided here?')) return runtimes;
  const edited: ProposedRuntime[] = [];
  for (const runtime of runtimes) edited.push(await askPart(runtime, prompts));
  return edited;
}

async function askPart(runtime: ProposedRuntime, prompts: Prompts): Promise<ProposedRuntime> {
  const { name } = runtime;
  const memoryGib = await askNumber(`Memory of ${name} in GiB`, runtime.memoryGib, 65_536, prompts);
  const cpus = await askNumber(`CPUs of ${name}`, runtime.cpus, 8192, prompts);
  const isEdited = memoryGib !== runtime.memoryGib || cpus !== runtime.cpus;
  return { ...runtime, memoryGib, cpus, isEdited };
}

async function askNumber(
  message: string,
  initial: number,
  most: number,
  prompts: Prompts,
): Promise<number> {
  const isFit = (text: string) => /^\d{1,5}$/.test(text) && Number(text) >= 1;
  const answer = await prompts.text({
    message,
    initial: String(initial),
    problem: (text) =>
      isFit(text) && Number(text) <= most ? undefined : `a whole number from 1 to ${most}`,
  });
  return Number(answer);
}

/** Asked again for as long as nothing can be written there. */
async function askPlace(proposed: NewFile, prompts: Prompts, world: World): Promise<NewFile> {
  const file = await prompts.text({
    message: 'Where is it written to?',
    initial: proposed.file,
    problem: (text) => (text === '' ? 'a path of a file' : undefined),
  });
  const isProposed = file === proposed.file;
  const place = isProposed
    ? proposed
    : { ...proposed, file, absolutePath: resolve(world.cwd, file), makesParents: false };
  try {
    await checkPlace(place, world);
    return place;
  } catch (error) {
    if (!(error instanceof VllmdError)) throw error;
    prompts.warn(`${error.message}${error.hint === undefined ? '' : `: ${error.hint}`}`);
    return askPlace(proposed, prompts, world);
  }
}
