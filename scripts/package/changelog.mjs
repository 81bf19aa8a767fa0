// The newest version of the changelog, in the form that Debian reads.
const WIDTH = 78;

/** What has come since the last release goes with that of the version at hand, as long as it has no number of its own. */
export function changelog(markdown, { version, debianVersion, date }, maintainer, name) {
  const sections = markdown.split(/^## /m).slice(1);
  const wanted = sections.filter(
    (text) => /^Unreleased\n/.test(text) || headingOf(text) === version,
  );
  if (wanted.length === 0) throw new Error(`CHANGELOG.md says nothing of ${version}`);
  const body = wanted.flatMap((text) => items(text.slice(text.indexOf('\n')))).join('\n');
  const stamp = date.toUTCString().replace('GMT', '+0000');
  return `${name} (${debianVersion}) unstable; urgency=medium\n\n${body}\n\n -- ${maintainer}  ${stamp}\n`;
}

function headingOf(section) {
  return section.slice(0, section.indexOf('\n')).split(' ')[0];
}

function items(body) {
  return body
    .split(/^(?=- |### )/m)
    .map((text) => text.replace(/\s+/g, ' ').trim())
    .filter((text) => text !== '')
    .map((text) =>
      text.startsWith('### ') ? `  [ ${text.slice(4)} ]` : wrap(text.replace(/^- /, ''), '  *'),
    );
}

/** Lines go on where the text after the star begins. */
function wrap(text, star) {
  const lines = [];
  let line = star;
  for (const word of text.split(' ')) {
    if (line !== star && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = '   ';
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\n');
}
