/** One word for fish, where a backslash means something between quotes. */
export function fishWord(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
