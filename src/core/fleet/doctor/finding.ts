/** What was looked at, and how it is. */
export type Finding = {
  /** A stable name: `reached`, `health`, `program`, … */
  readonly check: string;
  /** undefined: of the file. */
  readonly hostId: string | undefined;
  readonly state: 'ok' | 'warning' | 'problem' | 'skipped';
  readonly detail: string;
  /** What would help. */
  readonly help?: string;
};

/** Findings of one host. */
export function findingsOf(hostId: string | undefined) {
  const finding =
    (state: Finding['state']) =>
    (check: string, detail: string, help?: string): Finding => ({
      ...{ check, hostId, state, detail },
      ...(help === undefined ? {} : { help }),
    });
  return {
    ok: finding('ok'),
    warning: finding('warning'),
    problem: finding('problem'),
    skipped: finding('skipped'),
  };
}
