/** Text for bash, and how long it may take. */
export type ShellRequest = {
  /** Reaches bash on its standard input, never as an argument: `pkill -f` would find the shell that runs it. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Ends it when it is aborted, and what it has started; the promise then tells so. */
  readonly until?: AbortSignal | undefined;
};

export type ShellResult = {
  /** That of bash; of a signal 128 and its number; 255 with `connection` where ssh did not get there. */
  readonly exitCode: number;
  /** Cut off where there is more than anybody reads. */
  readonly stdout: string;
  readonly stderr: string;
  readonly isTimedOut: boolean;
  readonly isAborted: boolean;
  /** What ssh said in one line, where the host was not reached or the connection went. */
  readonly connection?: string;
  /** It had begun, and nobody here can say whether it has ended: over there its time limit ends it. */
  readonly isLost?: boolean;
};

/** How commands reach a host. What they do there is the same for all. */
export type Transport = {
  readonly run: (request: ShellRequest) => Promise<ShellResult>;
};
