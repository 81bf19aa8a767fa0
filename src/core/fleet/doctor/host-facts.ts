/** What a host has said of itself. */
export type HostFacts = {
  /** Seconds since 1970, by its clock. */
  readonly time: number | undefined;
  /** Where each program is, by its name; undefined where it is not. */
  readonly programs: ReadonlyMap<string, string | undefined>;
  /** The same of programs that sudo starts. */
  readonly sudoPrograms: ReadonlyMap<string, string | undefined>;
  readonly paths: ReadonlyMap<string, PathFacts>;
  /** Where llama.cpp keeps what it downloads for this account. */
  readonly downloads: RoomFacts;
  readonly gpu: readonly GpuLook[];
};

/** Of where something is, or would be; undefined where `df` does not say. */
export type RoomFacts = {
  readonly freeKibibytes: number | undefined;
  /** Where the file system is mounted. */
  readonly disk: string | undefined;
};

type PathFacts = RoomFacts & { readonly isThere: boolean };

/** What one program says of GPUs, or what is in /dev/dri. */
type GpuLook = {
  readonly by: string;
  readonly exitCode: number;
  /** The first lines. */
  readonly lines: readonly string[];
};

/** What is asked of a host. */
export type HostQuestions = {
  readonly programs: readonly string[];
  readonly sudoPrograms: readonly string[];
  readonly paths: readonly string[];
};

/** Names of lines are the script's; what they are about is told by its place in the questions. */
export function hostFactsOf(output: string, questions: HostQuestions): HostFacts {
  const rows = output.split('\n').map((line) => line.split('\t'));
  const of = (name: string) => rows.filter(([first]) => first === name);
  const found = (name: string, names: readonly string[]) =>
    new Map(names.map((one, at) => [one, valueAt(of(name), at)] as const));
  const looks = new Map<string, { exitCode: number; lines: string[] }>();
  for (const [, by = '', kind, text = ''] of of('gpu')) {
    const look = looks.get(by) ?? { exitCode: 0, lines: [] };
    if (kind === 'exit') look.exitCode = Number(text);
    else look.lines.push(text);
    looks.set(by, look);
  }
  return {
    time: numberOf(of('time')[0]?.[1]),
    programs: found('program', questions.programs),
    sudoPrograms: found('sudo-program', questions.sudoPrograms),
    paths: new Map(
      questions.paths.map((path, at) => {
        const [, , state, ...room] = of('path').find(([, index]) => index === `${at}`) ?? [];
        return [path, { isThere: state === 'there', ...roomOf(room) }] as const;
      }),
    ),
    downloads: roomOf(of('downloads')[0]?.slice(1) ?? []),
    gpu: [...looks].map(([by, look]) => ({ by, ...look })),
  };
}

function roomOf([free, disk]: readonly string[]): RoomFacts {
  return { freeKibibytes: numberOf(free), disk: disk === '' ? undefined : disk };
}

function valueAt(rows: readonly (readonly string[])[], at: number): string | undefined {
  const value = rows.find(([, index]) => index === `${at}`)?.[2];
  return value === '' ? undefined : value;
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
