import { VllmdError } from '../core/failure.ts';
import type { hivePart } from '../hive.ts';

/**
 * Does what needs the registry's part of vllmd. That is as large as all else, and no other command should have to read it:
 * so it lies in a file of its own, which the build puts in the place of this import.
 */
export async function fromHive<Value>(
  use: (part: typeof hivePart) => Value | Promise<Value>,
): Promise<Value> {
  const { hivePart: part } = await import('../hive.ts');
  try {
    return await use(part);
  } catch (error) {
    throw ownFailure(error);
  }
}

/** That file has classes of its own, by which nobody here would know its failures. */
function ownFailure(error: unknown): unknown {
  if (error instanceof VllmdError || !isForeignFailure(error)) return error;
  const { exit, message, hint, cause } = error;
  return new VllmdError(exit, message, hint, { cause });
}

function isForeignFailure(error: unknown): error is VllmdError {
  return error instanceof Error && error.name === 'VllmdError' && 'exit' in error;
}
