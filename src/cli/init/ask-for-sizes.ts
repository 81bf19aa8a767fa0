import { configMaxima } from '../../core/config/config-input.gen.ts';
import type { Inventory } from '../../core/facts/inventory.ts';
import { judgeSizes } from '../../core/init/judge-sizes.ts';
import { memoryNotes } from '../../core/init/memory-notes.ts';
import type { ProposedRuntime } from '../../core/init/proposal.ts';
import { runtimeRows } from '../../core/report/init-human.ts';
import type { Prompts } from './prompts.ts';

const GIB = 2 ** 30;

/** Memory and CPUs, asked again for as long as an install would refuse them on this host. */
export async function askSizes(
  runtimes: readonly ProposedRuntime[],
  inventory: Inventory,
  prompts: Prompts,
): Promise<readonly ProposedRuntime[]> {
  prompts.say(runtimeRows(runtimes).join('\n'));
  if (await prompts.confirm('Take memory and CPUs as they are divided here?')) return runtimes;
  const edited: ProposedRuntime[] = [];
  for (const runtime of runtimes) edited.push(await askSize(runtime, inventory, prompts));
  const found = judgeSizes(edited, inventory);
  for (const { message, help } of found) {
    prompts.warn(help === undefined ? message : `${message}: ${help}`);
  }
  if (found.some(({ severity }) => severity === 'error')) {
    return askSizes(edited, inventory, prompts);
  }
  for (const note of memoryNotes(edited, inventory)) prompts.warn(note);
  return edited;
}

async function askSize(
  runtime: ProposedRuntime,
  { memoryBytes = Number.POSITIVE_INFINITY, cpus: hostCpus }: Inventory,
  prompts: Prompts,
): Promise<ProposedRuntime> {
  const { name } = runtime;
  const mostGib = Math.min(configMaxima.runtimes.memory_gb, Math.floor(memoryBytes / GIB));
  const mostCpus = Math.min(configMaxima.runtimes.cpus, hostCpus.length);
  const memory = { message: `Memory of ${name} in GiB`, initial: runtime.memoryGib, most: mostGib };
  const memoryGib = await askNumber(memory, prompts);
  const cpu = { message: `CPUs of ${name}`, initial: runtime.cpus, most: mostCpus };
  const cpus = await askNumber(cpu, prompts);
  const isEdited = runtime.isEdited || memoryGib !== runtime.memoryGib || cpus !== runtime.cpus;
  return { ...runtime, memoryGib, cpus, isEdited };
}

type NumberQuestion = {
  readonly message: string;
  readonly initial: number;
  /** Of the host. */
  readonly most: number;
};

async function askNumber(
  { message, initial, most }: NumberQuestion,
  prompts: Prompts,
): Promise<number> {
  const isFit = (text: string) => /^\d+$/.test(text) && Number(text) >= 1;
  const answer = await prompts.text({
    message,
    initial: String(initial),
    problem: (text) =>
      isFit(text) && Number(text) <= most
        ? undefined
        : `a whole number from 1 to ${most}, which is all that the host has`,
  });
  return Number(answer);
}
