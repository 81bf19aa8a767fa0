import { hiveAgent, readInventoryFile } from './cli/commands/hive-agent.ts';
import { hiveBench } from './cli/commands/hive-bench.ts';
import { hiveBenchRun } from './cli/commands/hive-bench-run.ts';
import { hiveDrain } from './cli/commands/hive-drain.ts';
import { hiveMatch } from './cli/commands/hive-match.ts';
import { hiveServe } from './cli/commands/hive-serve.ts';
import { hiveValidate } from './cli/commands/hive-validate.ts';
import { writeHost } from './cli/write-host.ts';
import { documentReader } from './core/hive/files/document-reader.ts';

/** What lies in a file of its own beside vllmd, which loads it when it is needed. */
export const hivePart = {
  hiveAgent,
  hiveBench,
  hiveBenchRun,
  hiveDrain,
  hiveMatch,
  hiveServe,
  hiveValidate,
  documentReader,
  readInventoryFile,
  writeHost,
};
