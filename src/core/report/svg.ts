import { visible } from '../control-characters.ts';

/** Text of an element or an attribute. Control characters, which XML does not allow, show as escapes. */
export function escapeXml(text: string): string {
  return visible(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}

export type Box = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};

export function rect({ x, y, width, height }: Box, className: string, radius = 6): string {
  return `<rect class="${className}" x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}"/>`;
}

export function textAt(x: number, y: number, className: string, text: string): string {
  return `<text class="${className}" x="${x}" y="${y}">${escapeXml(text)}</text>`;
}

export function path(points: string, className: string): string {
  return `<path class="${className}" d="${points}"/>`;
}

/** What a line of this many pixels holds of a text. */
export function fitted(text: string, width: number, characterWidth: number): string {
  const most = Math.max(1, Math.floor(width / characterWidth));
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
