import { visible } from '../../core/control-characters.ts';
import { type Address, addressesOf, addressInWords } from '../../core/llama/run/addresses.ts';
import type { World } from '../../host/world.ts';
import type { Job } from './job.ts';
import type { Teller } from './teller.ts';

type Problem = { readonly why: string; readonly help?: string };

/** Why an instance could not listen where it is to; llama-server would say so in its log only. */
export async function addressProblem(
  { instance: { endpoint, launch } }: Job,
  { world, teller }: { readonly world: World; readonly teller: Teller },
): Promise<Problem | undefined> {
  // Several processes may share a port then.
  if (endpoint === undefined || launch.arguments.includes('--reuse-port')) return undefined;
  for (const address of addressesOf(endpoint)) {
    const where = visible(addressInWords(address));
    const found = await world.servers.tryAddress(address);
    if (found.kind === 'taken') {
      return { why: `${where} is taken by another process`, ...helpFor(address) };
    }
    if (found.kind === 'impossible') return { why: `it cannot listen on ${where}: ${found.why}` };
    if (found.kind === 'removed') {
      teller.note(`removed ${where}: a socket on which nobody listened any more`);
    }
  }
  return undefined;
}

function helpFor(address: Address): Pick<Problem, 'help'> {
  const filter =
    address.kind === 'socket' ? `-lxp src ${address.path}` : `-ltnp 'sport = :${address.port}'`;
  return { help: `\`ss ${visible(filter)}\` shows by whom` };
}
