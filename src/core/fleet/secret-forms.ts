/** A line of a secret that is as long says something about it. */
const LEAST_LINE = 8;

/** As which texts a secret may turn up: whole, by its lines, within quotes of a shell and of JSON. Longest first. */
export function secretForms(secrets: readonly string[]): readonly string[] {
  const plain = secrets.filter((secret) => secret !== '').flatMap(withLines);
  return [...new Set(plain.flatMap(written))].toSorted((a, b) => b.length - a.length);
}

function withLines(secret: string): readonly string[] {
  const lines = secret.split(/[\r\n]+/).map((line) => line.trim());
  return [secret, ...lines.filter((line) => line.length >= LEAST_LINE)];
}

function written(text: string): readonly string[] {
  const json = JSON.stringify(text).slice(1, -1);
  // Some programs write JSON in ASCII alone.
  const ascii = json.replace(
    /[\u007f-\uffff]/g,
    (unit) => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return [text, text.replaceAll("'", String.raw`'\''`), json, ascii];
}
