import { instant } from '../../instant.ts';
import { html, type Markup } from './markup.ts';

/** `12 s`, `5 min`, `3 h`, `2 d`: one unit, rounded down. The page's script says it in the same words. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h`;
  return `${Math.floor(whole / 86_400)} d`;
}

/** `12 s ago`, or `for 12 s`, which the page's script keeps counting. */
export function relativeTime(atS: number, nowS: number, form: 'ago' | 'for'): Markup {
  const text = form === 'ago' ? `${span(nowS - atS)} ago` : `for ${span(nowS - atS)}`;
  const moment = momentOf(atS);
  return html`<time data-at="${atS}" data-form="${form}" datetime="${moment}" title="${moment}">${text}</time>`;
}

const lastMomentS = 8.64e12;

// Some times are what a host has sent: any number.
function momentOf(atS: number): string {
  return Math.abs(atS) <= lastMomentS ? instant(atS * 1000) : '';
}
