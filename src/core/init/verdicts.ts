import { visible } from '../control-characters.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { assumedAccount } from '../facts/accounts.ts';
import type { PciFacts } from '../facts/pci.ts';
import { hostChecks } from '../preflight/vfio/vfio-preflight.ts';
import { vfioView } from '../preflight/vfio/vfio-view.ts';
import { resolve } from '../resolve/resolve.ts';
import { type Candidate, sharedSlots } from './candidates.ts';

/** What an install would say of passing these GPUs on. */
export type Verdicts = {
  /** In the order of the candidates. */
  readonly each: readonly Verdict[];
  /** Of the host as a whole, as it is now. */
  readonly notes: readonly string[];
  /** Of how the GPUs are built into it. */
  readonly ofBoard: readonly string[];
};

export type Verdict = {
  /** It cannot be passed on as the host is. */
  readonly reasons: readonly string[];
  /** It can, and there is something to know. */
  readonly remarks: readonly string[];
  /** What has to be done first, now. */
  readonly steps: readonly string[];
};

/** Processes end; what else speaks against a GPU is how the host is built or set up. */
const PASSING: ReadonlySet<string> = new Set(['device-held']);
/** Said of each runtime, and true of all of them alike. */
const OF_BOARD = 'nvswitch-partition';

/** Asks the checks of an install about a config with one runtime for each candidate. */
export function judge(
  chosen: readonly Candidate[],
  pci: PciFacts,
  cloudHypervisor: string | undefined,
): Verdicts {
  const runtimes = chosen.map((candidate, at) => ({
    index: at + 1,
    name: `gpu-${at + 1}`,
    gpus: candidate.map(({ address }) => address),
  }));
  const allowed = sharedSlots(chosen);
  const input = {
    schema_version: 2 as const,
    global: { user: 'vllm' },
    vfio: { allow_group_members: [...allowed] },
    runtimes,
  };
  const desired = resolve(input, assumedAccount('vllm'), '');
  const view = vfioView(desired, pci, new Map(), cloudHypervisor);
  const found = hostChecks.flatMap(({ check }) => check(view));
  const host = found.filter(({ pointer }) => pointer === '');
  const board = found.find(({ rule }) => rule === OF_BOARD);
  return {
    each: chosen.map((_, at) => verdictOf(found.filter((one) => isAbout(one, at)))),
    notes: host.map((one) => sentence(one) + standing(one)),
    ofBoard:
      board?.help === undefined
        ? []
        : [`NVSwitches join the GPUs of the host: ${joined(board.help)}`],
  };
}

/** A switch that is off is no property of a GPU, as a group in use is: the config need not wait for it. */
function standing({ severity, rule }: Diagnostic): string {
  if (severity !== 'error') return '';
  const groups =
    rule === 'iommu-on' ? '; `vllmd precheck` then shows which devices share a group' : '';
  return `; the config is right once that is done${groups}`;
}

function isAbout({ pointer }: Diagnostic, at: number): boolean {
  return pointer.startsWith(`/runtimes/${at}/`);
}

function verdictOf(found: readonly Diagnostic[]): Verdict {
  const isBlocking = ({ severity, rule }: Diagnostic) => severity === 'error' && !PASSING.has(rule);
  const isStep = ({ rule }: Diagnostic) => PASSING.has(rule);
  const isRemark = (one: Diagnostic) => one.severity === 'warning' && one.rule !== OF_BOARD;
  return {
    reasons: found.filter(isBlocking).map(sentence),
    remarks: found.filter(isRemark).map(sentence),
    steps: found.filter(isStep).map(sentence),
  };
}

/** Without the number that the runtime has for this question only. */
function sentence({ message, detail = [], help, rule }: Diagnostic): string {
  const text = message.replace(/^runtime \d+: /, '');
  // The members of a group are in `vllmd topology`.
  const uses = rule === 'device-in-use' || rule === 'device-held' ? ` (${detail.join(', ')})` : '';
  // Whoever has a GPU open has given his process its name.
  return visible(`${text}${uses}${help === undefined ? '' : `: ${joined(help)}`}`);
}

function joined(lines: string): string {
  return lines.replaceAll('\n', '; ');
}
