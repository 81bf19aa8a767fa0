import { html, textOf } from './markup.ts';
import { documentHead } from './page-html.ts';

/** The form that asks for a client key: it posts `key` to `/login`. */
export function loginHtml(options: { readonly wasRefused: boolean }): string {
  const refused = html`<p id="refused" role="alert">This key is not among the client keys of this router.</p>`;
  const described = options.wasRefused
    ? html` aria-invalid="true" aria-describedby="refused"`
    : undefined;
  return textOf(html`<!doctype html>
<html lang="en">
<head>
${documentHead('Sign in · vllmd hive')}
</head>
<body class="login">
<main>
<h1>vllmd <span>hive</span></h1>
<form method="post" action="/login">
<label for="key">Client key</label>
<input id="key" name="key" type="password" required autofocus autocomplete="current-password" spellcheck="false"${described}>
${options.wasRefused ? refused : undefined}
<button>Show the dashboard</button>
</form>
<p class="note">One of the keys that clients send as <code>X-Api-Key</code>.</p>
</main>
</body>
</html>
`);
}
