import { keyName } from '../../config/show-value.ts';
import { type Diagnostic, errorAt, pointer, withNote } from '../../diagnostic.ts';
import { isJsonObject } from '../../fleet/json-value.ts';
import { failure, type Result, success } from '../../result.ts';
import type { RoleDocument } from '../documents.ts';
import type { Loc } from '../read/problem.ts';
import { readDocument, unwrapped, wrapperOf } from '../read/read-document.ts';
import { tables } from '../read/tables.ts';
import { documentDiagnostics } from './document-diagnostics.ts';
import { unknownKeys } from './unknown-keys.ts';

/** The roles of a file: a list, bare or below `roles`, whose items may have their wrapper key. */
export function readRoles(value: unknown): Result<readonly RoleDocument[]> {
  const isWrapped = isJsonObject(value) && Object.hasOwn(value, 'roles');
  const list = isWrapped ? value['roles'] : value;
  const prefix: Loc = isWrapped ? ['roles'] : [];
  // A file that is empty, or whose list is: no roles.
  if (list === null || list === undefined) return success([]);
  if (!Array.isArray(list)) return failure([noList(pointer(...prefix))]);
  const read = list.map((item: unknown, index) => readRole(item, [...prefix, index]));
  const problems = [...read.flatMap((one) => one.problems), ...repeats(read)];
  const warnings = read.flatMap((one) => one.warnings);
  if (problems.length > 0) return failure([...problems, ...warnings]);
  return success(
    read.flatMap(({ role }) => role ?? []),
    warnings,
  );
}

type ReadRole = {
  readonly at: string;
  readonly role: RoleDocument | undefined;
  readonly problems: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
};

function readRole(item: unknown, loc: Loc): ReadRole {
  const inner = wrapperOf(item) === 'role' ? [...loc, 'role'] : loc;
  const bare = unwrapped(item, 'role');
  const read = readDocument('role', bare);
  const at = pointer(...inner, 'role_id');
  const warnings = unknownKeys(bare, tables.role, inner, 'warning');
  if (!read.ok) {
    const problems = documentDiagnostics(read.problems, inner);
    return { at, role: undefined, problems, warnings };
  }
  return { at, role: read.value, problems: [], warnings };
}

/** The reader of such a file would not know which of two is meant. */
function repeats(read: readonly ReadRole[]): readonly Diagnostic[] {
  const first = new Map<string, string>();
  return read.flatMap(({ at, role }) => {
    if (role === undefined) return [];
    const earlier = first.get(role.role_id);
    if (earlier === undefined) first.set(role.role_id, at);
    return earlier === undefined ? [] : [repeated(at, earlier)];
  });
}

function repeated(at: string, earlier: string): Diagnostic {
  const message = `${keyName(at)}: another role has this id`;
  const help = 'give one of them another id, or remove it';
  const problem = errorAt('hive-duplicate-role', at, message, help);
  return withNote(problem, earlier, 'first used here');
}

function noList(at: string): Diagnostic {
  const message = `${at === '' ? 'the document' : 'roles'}: should be a list of roles`;
  return errorAt('hive-value', at, message, 'write roles:, and below it each role behind a dash');
}
