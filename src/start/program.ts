/** The modules of the program in one file, in groups of those that are loaded together. */
export type ProgramIndex = {
  /** Of its text: what was made of another one is not for this one. */
  readonly id: string;
  readonly version: string;
  /** Where each group lies in the file. */
  readonly groups: readonly {
    readonly offset: number;
    readonly byteLength: number;
    /** Its first line in the file, from 0. */
    readonly line: number;
    /** It needs no decoding then. */
    readonly isAscii: boolean;
  }[];
  /** The group that each module is in. */
  readonly modules: { readonly [name: string]: number };
};
