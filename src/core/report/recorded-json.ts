/** A host that was recorded, and what its recording could not tell. */
export type RecordedSubject = {
  /** The recording, as the user named it. */
  readonly file: string;
  readonly vllmdVersion: string;
  /** It was recorded by root. */
  readonly isRoot: boolean;
  /** Paths and commands that nobody has asked the host about. */
  readonly notRecorded: readonly string[];
  /** Paths of files that were there, and whose text is in no recording. */
  readonly leftOut: readonly string[];
};

/** For `recorded` of any command that can look at a recording; undefined, which is null, is the machine itself. */
export function recordedJson(recorded: RecordedSubject | undefined): object | null {
  if (recorded === undefined) return null;
  const { file, vllmdVersion, isRoot, notRecorded, leftOut } = recorded;
  return {
    file,
    vllmd_version: vllmdVersion,
    as_root: isRoot,
    not_recorded: notRecorded,
    left_out: leftOut,
  };
}
