import { html, type Markup, ownText, textOf } from './markup.ts';
import { type PageParts, pageParts, pageTitle, partIds } from './page-parts.ts';
import { pageScript } from './page-script.ts';
import { pageStyles } from './page-styles.ts';
import type { PageView } from './page-view.ts';

/** The whole document, which is complete without its script. */
export function pageHtml(view: PageView, options: { readonly hasLogout: boolean }): string {
  const parts = pageParts(view);
  return textOf(html`<!doctype html>
<html lang="en">
<head>
${documentHead(pageTitle(view))}
<noscript><meta http-equiv="refresh" content="30"></noscript>
</head>
<body>
<header>
<h1>vllmd <span>hive</span></h1>
<p id="live" role="status" data-state="still"><noscript>Without scripts this page loads anew every 30 s.</noscript></p>
<p class="version">${view.version}</p>
${options.hasLogout ? logout : undefined}
</header>
<main data-at="${view.nowS}">
${sections(parts)}
</main>
<script>${ownText(pageScript)}</script>
</body>
</html>
`);
}

const logout = html`<form method="post" action="/logout"><button class="quiet">Sign out</button></form>`;

/** What each document of this server has in its head. */
export function documentHead(title: string): Markup {
  return html`<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${ownText(pageStyles)}</style>`;
}

// What page-parts makes is escaped already.
function sections(parts: PageParts): readonly Markup[] {
  return partIds.map(
    (id) => html`<section id="${id}">${ownText(parts[id])}</section>
`,
  );
}
