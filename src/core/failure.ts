/** Exit codes, stable; install-time meanings are documented in README.md. */
export const exitCodes = {
  ok: 0,
  unexpected: 1,
  notFound: 1,
  pending: 2,
  config: 3,
  runtime: 4,
  conflict: 5,
  preflight: 6,
  locked: 7,
  rollbackIncomplete: 8,
  restartPending: 9,
  usage: 64,
  noConfig: 66,
  needsRoot: 77,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitName = keyof typeof exitCodes;

/** An expected failure: what and where in the message, what would help in the hint. Anything else thrown is a bug. */
export class VllmdError extends Error {
  readonly exit: ExitName;
  readonly hint: string | undefined;

  constructor(exit: ExitName, message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'VllmdError';
    this.exit = exit;
    this.hint = hint;
  }
}
