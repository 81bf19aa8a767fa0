import { html, type Markup, ownText } from './markup.ts';
import type { Level } from './page-view.ts';

// Each has a form of its own, for those who do not see its colour.
const shapes: Readonly<Record<Level, string>> = {
  ok: '<circle cx="8" cy="8" r="5"/>',
  warn: '<path d="M8 1.5 15.5 14.5H.5Z"/>',
  bad: '<path d="M1 4 4 1l4 4 4-4 3 3-4 4 4 4-3 3-4-4-4 4-3-3 4-4Z"/>',
  off: '<path d="M3 2h4v12H3zM9 2h4v12H9z"/>',
};

/** A status as a form and a word. */
export function status(level: Level, text: string): Markup {
  return html`<span class="status ${level}">${shape(level)}<span>${text}</span></span>`;
}

function shape(level: Level): Markup {
  return html`<svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">${ownText(shapes[level])}</svg>`;
}
