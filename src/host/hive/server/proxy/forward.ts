import type { RegisteredService } from '../../../../core/hive/catalogue.ts';
import type { Cooling } from './cooling.ts';
import { type Opened, openAnswer } from './open-answer.ts';
import type { Failure, UpstreamRequest, Upstreams } from './upstream.ts';

export type Delivery = {
  readonly service: RegisteredService;
  readonly opened: Opened | Failure;
  /** 1 where the first service has answered. */
  readonly tries: number;
};

export type Forwarding = {
  /** Best first; at least one. */
  readonly candidates: readonly [RegisteredService, ...RegisteredService[]];
  /** What a service is sent, which depends on its models. */
  readonly requestFor: (service: RegisteredService) => Promise<Omit<UpstreamRequest, 'signal'>>;
  readonly retries: number;
  readonly signal: AbortSignal;
};

/**
 * Sends a request to the best service, and to the next one where that fails before the client has seen a byte. The last
 * failure is that of the request.
 */
export async function forward(
  { candidates, requestFor, retries, signal }: Forwarding,
  upstreams: Upstreams,
  cooling: Cooling,
): Promise<Delivery> {
  const order = inOrder(candidates, cooling);
  let again = 0;
  for (let tries = 1; ; tries += 1) {
    const service = order[(tries - 1 - again) % order.length] ?? candidates[0];
    const opened = await ask({ ...(await requestFor(service)), signal }, upstreams);
    if (again === 0 && isRetryClosed(opened, tries, { retries, candidates: order.length })) {
      again = 1;
      continue;
    }
    note(service, opened, cooling);
    const isLast = tries > retries + again || !isWorthAnother(opened, order.length);
    if (isLast) return { service, opened, tries };
  }
}

type Many = { readonly retries: number; readonly candidates: number };

/**
 * The last retry found a connection closed that was kept open, as after a pause: this says nothing of its service, and
 * nobody else will be asked. So it is asked once more.
 */
function isRetryClosed({ kind }: Opened | Failure, tries: number, many: Many): boolean {
  return kind === 'closed' && many.candidates > 1 && tries > 1 && tries > many.retries;
}

function inOrder(
  candidates: readonly RegisteredService[],
  { isCooling }: Cooling,
): readonly RegisteredService[] {
  const cool = (service: RegisteredService) => isCooling(service.row.service_id);
  return [...candidates.filter((service) => !cool(service)), ...candidates.filter(cool)];
}

async function ask(request: UpstreamRequest, { post }: Upstreams): Promise<Opened | Failure> {
  const answer = await post(request);
  return 'kind' in answer ? answer : openAnswer(answer, request.signal);
}

/** What a service says that cannot work at the moment: it is starting, say, or a proxy before it has lost it. */
const passingStatuses: readonly number[] = [502, 503, 504];

function note({ row }: RegisteredService, opened: Opened | Failure, cooling: Cooling): void {
  if (opened.kind === 'aborted') return;
  if (isFailed(opened)) cooling.failed(row.service_id);
  else cooling.worked(row.service_id);
}

function isFailed(opened: Opened | Failure): boolean {
  if (opened.kind === 'stream') return false;
  return opened.kind !== 'whole' || passingStatuses.includes(opened.status);
}

/**
 * A lone service is asked again only where a connection that it had kept open was closed under the request. Nor is there
 * another try where one has taken all the time that a client may wait.
 */
function isWorthAnother(opened: Opened | Failure, candidates: number): boolean {
  if (opened.kind === 'aborted' || opened.kind === 'timeout' || !isFailed(opened)) return false;
  return candidates > 1 || opened.kind === 'closed';
}
