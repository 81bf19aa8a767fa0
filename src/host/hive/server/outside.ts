/** What the registry uses of what is around it. */
export type Outside = {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A line or two for whoever looks after it, on standard error. */
  readonly tell: (text: string) => void;
  /** What went wrong within, for a report. */
  readonly tellBug: (text: string) => void;
};
