/** How a process has ended: with an exit code, or by a signal. */
export type Ending = { readonly exitCode: number | null; readonly signal: string | null };

/** Of a shell that started it. */
const SIGNAL_CODES: ReadonlyMap<number, string> = new Map([
  [129, 'SIGHUP'],
  [130, 'SIGINT'],
  [132, 'SIGILL'],
  [134, 'SIGABRT'],
  [135, 'SIGBUS'],
  [136, 'SIGFPE'],
  [137, 'SIGKILL'],
  [139, 'SIGSEGV'],
  [143, 'SIGTERM'],
]);

const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['SIGABRT', 'it found something impossible'],
  ['SIGBUS', 'a file that it had mapped is shorter now, or memory is broken'],
  ['SIGILL', 'it was built for another CPU'],
  ['SIGKILL', 'by somebody, or by the kernel for want of memory'],
  ['SIGSEGV', 'it crashed'],
]);

/** `exit code 1`, `SIGKILL (…)` */
export function endingInWords({ exitCode, signal }: Ending): string {
  const name = signal ?? SIGNAL_CODES.get(exitCode ?? 0);
  if (name === undefined) return `exit code ${exitCode}`;
  const meaning = MEANINGS.get(name);
  const text = signal === null ? `exit code ${exitCode}, ${name}` : name;
  return meaning === undefined ? text : `${text} (${meaning})`;
}
