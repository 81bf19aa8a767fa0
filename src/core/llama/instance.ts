import type { Arguments } from './arguments.ts';

/** A llama-server process as a file describes it, with all defaults. The executable is not among its arguments. */
export type LlamaInstance = Arguments & {
  readonly name: string;
  /** JSON pointer of its table. */
  readonly source: string;
  /** A path, or the name of a program in PATH. */
  readonly executable: string;
  readonly control: LlamaControl;
  /** Where it listens; undefined where the file names no port. */
  readonly endpoint: Endpoint | undefined;
  /** Files that it reads its model from; none where it downloads one. */
  readonly modelFiles: readonly ModelFile[];
  readonly serves: ServedModel;
};

export type LlamaControl = {
  readonly logDir: string;
  readonly logFile: string;
  /** The file names a directory or a file for the log, which else is a default. */
  readonly isLogNamed: boolean;
  readonly background: boolean;
  /** `all`, `none`, or a list without blanks; null where the file does not say. */
  readonly gpuIds: string | null;
};

export type Endpoint = {
  /** As it is given: an address, a name, or the path of a socket that ends with `.sock`; '' is llama-server's default. */
  readonly host: string;
  /** 0 where it listens on UNIX sockets alone. */
  readonly port: number;
  readonly isTls: boolean;
  /** In front of every path, with a slash at its beginning and none at its end; '' is none. */
  readonly apiPrefix: string;
};

/** A model, or the first of its shards. */
export type ModelFile = { readonly path: string; readonly pointer: string };

/** What clients get. */
export type ServedModel = {
  readonly work: 'chat' | 'embeddings' | 'rerank';
  /** It starts a process for each of several models, of which the file does not tell. */
  readonly isRouter: boolean;
  /** Names that the file gives to the model, the first one first. */
  readonly aliases: readonly string[];
  /** undefined where an option stands for a model, such as `--gpt-oss-20b-default`. */
  readonly source: ModelSource | undefined;
  /** Tokens of one request; undefined where that is up to the model. */
  readonly contextSize: number | undefined;
  /** Requests have to bring a key. */
  readonly needsKey: boolean;
};

export type ModelSource = {
  readonly kind: 'path' | 'hf' | 'oci' | 'url';
  /** Without what is secret in a URL. */
  readonly value: string;
};
