import { type PageParts, partIds } from './page-parts.ts';

export type EventHead = {
  /** What a browser sends back as `Last-Event-ID`. */
  readonly id: number;
  readonly nowS: number;
  readonly title: string;
};

/** The parts that have changed, as text for `text/event-stream`; undefined where none has. With no parts before, all go. */
export function pageEvent(
  previous: PageParts | undefined,
  next: PageParts,
  { id, nowS, title }: EventHead,
): string | undefined {
  const changed = partIds.filter(
    (part) => previous === undefined || timeless(previous[part]) !== timeless(next[part]),
  );
  if (changed.length === 0) return undefined;
  const parts = Object.fromEntries(changed.map((part) => [part, next[part]]));
  // JSON has no line feed of its own, so it is one line of data.
  return `id: ${id}\nevent: parts\ndata: ${JSON.stringify({ at: nowS, title, parts })}\n\n`;
}

/** Says that the router lives while nothing changes: a page that hears neither for 40 s says that it has lost it. */
export function tickEvent(nowS: number): string {
  return `event: tick\ndata: ${JSON.stringify({ at: nowS })}\n\n`;
}

// The page counts its times itself. Ids cannot look like this: they are escaped.
function timeless(part: string): string {
  return part.replace(/(<time [^>]*>)[^<]*/g, '$1');
}
