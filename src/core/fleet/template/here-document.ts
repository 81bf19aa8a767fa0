/** `<<EOF`: what ends it, and how long its head is. */
export type HereDocument = {
  readonly delimiter: string;
  /** `<<-`: tabs before a line do not count. */
  readonly hasTabs: boolean;
  readonly length: number;
};

const HEAD = /<<(-?)[ \t]*(?:'([^'\n{]+)'|"([^"\n{]+)"|\\?([\w.+-]+))/y;

/** The one whose head stands here. */
export function hereDocument(command: string, at: number): HereDocument | undefined {
  HEAD.lastIndex = at;
  const head = HEAD.exec(command);
  if (head === null) return undefined;
  const [text, dash, single, double, plain] = head;
  return {
    delimiter: single ?? double ?? plain ?? '',
    hasTabs: dash === '-',
    length: text.length,
  };
}

/** Where the line after its last one begins; a document without an end goes on to that of the command. */
export function bodyEnd(command: string, start: number, document: HereDocument): number {
  let at = start;
  while (at < command.length) {
    const lineEnd = command.indexOf('\n', at);
    const end = lineEnd === -1 ? command.length : lineEnd;
    const line = command.slice(at, end);
    at = Math.min(end + 1, command.length);
    const text = document.hasTabs ? line.replace(/^\t+/, '') : line;
    if (text === document.delimiter) return at;
  }
  return command.length;
}
