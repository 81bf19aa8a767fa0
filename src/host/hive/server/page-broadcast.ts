import type { ServerResponse } from 'node:http';
import { pageEvent, tickEvent } from '../../../core/hive/page/events.ts';
import { type PageParts, pageParts, pageTitle } from '../../../core/hive/page/page-parts.ts';
import type { Hive } from './hive.ts';
import { pageState } from './page-state.ts';

/** Pages that are open, and hear what changes. */
export type PageBroadcast = {
  readonly hasRoom: () => boolean;
  /** `mayStay` is asked again and again: what let a page in can end before the page does. */
  readonly add: (response: ServerResponse, mayStay: () => boolean) => void;
  readonly end: () => void;
};

const LOOK_MS = 1_000;
const TICK_MS = 15_000;
const MOST = 100;
const RECONNECT_MS = 2_000;

/** Looks at the registry once for all of them, and not at all while nobody has a page open. */
export function pageBroadcast(hive: Hive): PageBroadcast {
  const open = new Map<ServerResponse, () => boolean>();
  const behind = new WeakSet<ServerResponse>();
  let timer: NodeJS.Timeout | undefined;
  let last: PageParts | undefined;
  let saidAtMs = 0;
  let id = 0;

  const leave = (response: ServerResponse) => {
    open.delete(response);
    if (open.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  // What has not been read yet would keep its connection, so that it is not waited for.
  const dismiss = (response: ServerResponse) => {
    leave(response);
    if (response.writableNeedDrain) response.destroy();
    else response.end();
  };

  const look = () => {
    for (const [response, mayStay] of open) if (!mayStay()) dismiss(response);
    const view = pageState(hive);
    const parts = pageParts(view);
    const head = { id: id + 1, nowS: view.nowS, title: pageTitle(view) };
    const event = pageEvent(last, parts, head);
    last = parts;
    if (event !== undefined) id += 1;
    const isSilent = hive.now() - saidAtMs > TICK_MS;
    const text = event ?? (isSilent ? tickEvent(view.nowS) : undefined);
    if (text !== undefined) saidAtMs = hive.now();
    tell(open.keys(), behind, { text, whole: () => pageEvent(undefined, parts, head) ?? '' });
  };

  return {
    hasRoom: () => open.size < MOST,
    add: (response, mayStay) => {
      // The others and this one go on from the same state, or what changes back would be told to none.
      look();
      response.writeHead(200, {
        ...{ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' },
        'x-accel-buffering': 'no',
      });
      open.set(response, mayStay);
      response.on('close', () => leave(response));
      const view = pageState(hive);
      const head = { id, nowS: view.nowS, title: pageTitle(view) };
      response.write(
        `retry: ${RECONNECT_MS}\n\n${pageEvent(undefined, pageParts(view), head) ?? ''}`,
      );
      timer ??= setInterval(look, LOOK_MS);
    },
    end: () => {
      for (const response of open.keys()) dismiss(response);
    },
  };
}

type News = {
  /** What has changed; undefined where nothing has. */
  readonly text: string | undefined;
  readonly whole: () => string;
};

/** Nothing is kept for who does not read: he gets all of it once he does again. */
function tell(
  open: Iterable<ServerResponse>,
  behind: WeakSet<ServerResponse>,
  { text, whole }: News,
): void {
  for (const response of open) {
    if (response.writableNeedDrain) behind.add(response);
    else if (behind.delete(response)) response.write(whole());
    else if (text !== undefined) response.write(text);
  }
}
