import type { Inventory } from '../facts/inventory.ts';
import type { PciDevice } from '../facts/pci.ts';
import { deviceName } from '../facts/pci-ids.ts';
import type { SetupFacts } from '../facts/setup.ts';
import { type Candidate, candidates, sharedSlots } from './candidates.ts';
import { chooseNetwork, subnetNote } from './choose-network.ts';
import { chooseUser, type Invoker } from './choose-user.ts';
import { memoryNotes, nothingLeft } from './memory-notes.ts';
import type { LeftOut, Proposal, ProposedGpu, ProposedRuntime } from './proposal.ts';
import { pageSizeOf } from './reserved-pages.ts';
import { type Part, split, wholeHost } from './shares.ts';
import { judge, type Verdict } from './verdicts.ts';

export type Wishes = Invoker & {
  /** Addresses; all that can be passed on where it is undefined. */
  readonly gpus?: ReadonlySet<string> | undefined;
  /** One runtime without GPUs where no GPU can be passed on. */
  readonly withoutGpus: boolean;
};

const NOT_CHOSEN = 'it was not chosen';

/** What a host is to be: a runtime for each GPU that can be passed on, and the host divided among them. */
export function propose(facts: SetupFacts, wishes: Wishes): Proposal {
  const { inventory, cloudHypervisor } = facts;
  const { pci } = inventory;
  const found = candidates(pci);
  const { each, notes, ofBoard } = judge(found, pci, cloudHypervisor);
  const judged = found.map((gpus, at) => ({ gpus, verdict: each[at] ?? free }));
  const able = judged.filter(({ verdict }) => verdict.reasons.length === 0);
  const chosen = able.filter(({ gpus }) => isWanted(gpus, wishes)).map(({ gpus }) => gpus);
  const { parts, shares, tooMany } = split(chosen, inventory);
  const given = [...parts.keys()];
  const verdictOn = (gpus: Candidate) => judged.find((one) => one.gpus === gpus)?.verdict ?? free;
  const runtimes = given.map((gpus, at) =>
    runtimeOf(
      at + 1,
      gpus,
      { ...(parts.get(gpus) ?? nothing), remarks: verdictOn(gpus).remarks },
      inventory,
    ),
  );
  const leftOut = judged
    .map(({ gpus, verdict }) => {
      const ifNothing = tooMany.includes(gpus) ? nothingLeft(inventory) : undefined;
      return { gpus, reasons: reasonsOf(gpus, verdict, wishes, ifNothing) };
    })
    .filter(({ reasons }) => reasons.length > 0)
    .map(({ gpus, reasons }): LeftOut => {
      const part = split([gpus, ...given], inventory).parts.get(gpus);
      return { gpus: gpus.map(gpuIn(inventory)), reasons, part };
    });
  const bare = runtimes.length === 0 && wishes.withoutGpus ? wholeHost(inventory) : undefined;
  const proposed = bare === undefined ? runtimes : bareRuntime(bare.part);
  const hostNotes =
    runtimes.length === 0
      ? []
      : [...notes, ...ofBoard, ...given.flatMap((gpus) => verdictOn(gpus).steps)];
  const network = chooseNetwork(facts.network);
  return {
    user: chooseUser(facts.accounts, wishes),
    runtimes: proposed,
    leftOut,
    allowGroupMembers: sharedSlots(given),
    hugepages: pageSizeOf(inventory)?.name,
    shares: bare === undefined ? shares : [bare.share],
    network,
    ofBoard: runtimes.length === 0 ? [] : ofBoard,
    notes: [
      ...hostNotes,
      ...memoryNotes(proposed, inventory),
      ...subnetNote(facts.network, network),
    ],
  };
}

const free: Verdict = { reasons: [], remarks: [], steps: [] };
const nothing = { memoryGib: 0, cpus: 0 };

function isWanted(gpus: Candidate, { gpus: wanted }: Wishes): boolean {
  return wanted === undefined || gpus.some(({ address }) => wanted.has(address));
}

function reasonsOf(
  gpus: Candidate,
  { reasons }: Verdict,
  wishes: Wishes,
  ifNothing: string | undefined,
): readonly string[] {
  if (reasons.length > 0) return reasons;
  if (!isWanted(gpus, wishes)) return [NOT_CHOSEN];
  return ifNothing === undefined ? [] : [ifNothing];
}

function runtimeOf(
  index: number,
  gpus: Candidate,
  part: Pick<ProposedRuntime, 'memoryGib' | 'cpus' | 'remarks'>,
  inventory: Inventory,
): ProposedRuntime {
  const together =
    gpus.length === 1
      ? []
      : [`its ${gpus.length} GPUs share an IOMMU group or a card, and go to one VM together`];
  return {
    index,
    name: `gpu-${index}`,
    gpus: gpus.map(gpuIn(inventory)),
    memoryGib: part.memoryGib,
    cpus: part.cpus,
    isEdited: false,
    remarks: [...together, ...part.remarks],
  };
}

function gpuIn({ names }: Inventory): (device: PciDevice) => ProposedGpu {
  return (device) => {
    const { address, iommuGroup, numaNode } = device;
    return { address, name: deviceName(device, names), iommuGroup, numaNode };
  };
}

function bareRuntime(part: Part): readonly ProposedRuntime[] {
  if (part.memoryGib < 1 || part.cpus < 1) return [];
  const remarks = ['without a GPU'];
  return [{ index: 1, name: 'runtime-1', gpus: [], isEdited: false, remarks, ...part }];
}
