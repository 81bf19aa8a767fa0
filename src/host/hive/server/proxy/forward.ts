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
 * failure is that of the request. A connection that was kept open and is found closed, as after a pause, says nothing of its
 * service: those are asked once more before the request fails.
 */
export async function forward(
  { candidates, requestFor, retries, signal }: Forwarding,
  upstreams: Upstreams,
  cooling: Cooling,
): Promise<Delivery> {
  const order = inOrder(candidates, cooling);
  const closed = new Set<RegisteredService>();
  for (let tries = 1; ; tries += 1) {
    const isRegular = tries <= retries + 1;
    const [again] = closed;
    const service = (isRegular ? order[(tries - 1) % order.length] : again) ?? candidates[0];
    const opened = await ask({ ...(await requestFor(service)), signal }, upstreams);
    note(service, opened, cooling);
    if (!isRegular) closed.delete(service);
    else if (isWorthOneMore(opened, { retries, candidates: order.length })) closed.add(service);
    const areMore = tries <= retries || closed.size > 0;
    if (!areMore || !isWorthAnother(opened, order.length)) return { service, opened, tries };
  }
}

type Many = { readonly retries: number; readonly candidates: number };

/** A lone service has had its retries, and who wants none gets none. */
function isWorthOneMore({ kind }: Opened | Failure, { retries, candidates }: Many): boolean {
  return kind === 'closed' && candidates > 1 && retries > 0;
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
