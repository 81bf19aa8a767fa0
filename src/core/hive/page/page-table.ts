import { html, type Markup } from './markup.ts';

type Column = {
  readonly title: string;
  readonly isNumber?: boolean;
};

type Line = {
  readonly level?: string;
  readonly cells: readonly Markup[];
};

export type Table = {
  readonly caption: string;
  readonly note: string;
  readonly columns: readonly Column[];
  readonly lines: readonly Line[];
  readonly empty: string;
};

/** A table whose first cells are the heads of their lines. Its roles are written out: as cards it would lose them. */
export function table(it: Table): Markup {
  if (it.lines.length === 0) {
    return html`<h2>${it.caption}</h2><p class="empty">${it.empty}</p>`;
  }
  return html`<table role="table"><caption><h2>${it.caption}</h2><span class="note">${it.note}</span></caption>
<thead role="rowgroup"><tr role="row">${it.columns.map(head)}</tr></thead>
<tbody role="rowgroup">${it.lines.map((line) => row(line, it.columns))}</tbody></table>`;
}

function head({ title, isNumber }: Column): Markup {
  return html`<th scope="col" role="columnheader" class="${isNumber ? 'number' : ''}">${title}</th>`;
}

function row({ level, cells }: Line, columns: readonly Column[]): Markup {
  const [first, ...others] = cells;
  const rest = others.map((cell, at) => {
    const { title, isNumber } = columns[at + 1] ?? { title: '' };
    return html`<td role="cell" data-label="${title}" class="${isNumber ? 'number' : ''}"><div>${cell}</div></td>`;
  });
  return html`<tr role="row" class="${level}"><th scope="row" role="rowheader">${first}</th>${rest}</tr>
`;
}
