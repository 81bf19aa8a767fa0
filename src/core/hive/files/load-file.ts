import { decodeConfig, readableText } from '../../config/decode.ts';
import { type Diagnostic, errorAt } from '../../diagnostic.ts';
import { failure, type Result, success } from '../../result.ts';
import { samplesOfReport } from '../benchmark/samples-of-report.ts';
import type { Control } from '../control-file/control.ts';
import { decodeControl } from '../control-file/decode-control.ts';
import { controlTable } from '../control-file/table.ts';
import type { BenchmarkIngest, BenchmarkReport, RoleDocument } from '../documents.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { inventoryTable } from '../inventory/inventory-table.ts';
import { readInventory } from '../inventory/read-inventory.ts';
import type { Loc } from '../read/problem.ts';
import {
  type Documents,
  type DocumentType,
  readDocument,
  unwrapped,
  wrapperOf,
} from '../read/read-document.ts';
import { tables } from '../read/tables.ts';
import { parseText } from '../text/parse-text.ts';
import { documentDiagnostics } from './document-diagnostics.ts';
import { fileTypeOf } from './file-type.ts';
import { type FileType, fileTypes } from './file-types.ts';
import { readRoles } from './roles-file.ts';
import { unknownKeys } from './unknown-keys.ts';

/** The text of a file, as far as it has one, and what it says. */
export type LoadedFile<Value> = { readonly text: string; readonly result: Result<Value> };

/** `control.yaml`. */
export function loadControl(bytes: Uint8Array): LoadedFile<Control> {
  return load(bytes, controlIn);
}

/** A file with a list of roles, bare or below `roles`. */
export function loadRoles(bytes: Uint8Array): LoadedFile<readonly RoleDocument[]> {
  return load(bytes, readRoles);
}

/** What a host has to serve, as its agent reads it. */
export function loadInventory(bytes: Uint8Array): LoadedFile<Inventory> {
  return load(bytes, inventoryIn);
}

/** A file with one document, bare or in its wrapper key. */
export function loadDocument<Type extends DocumentType>(
  bytes: Uint8Array,
  type: Type,
): LoadedFile<Documents[Type]> {
  return load(bytes, (value) => documentIn(value, type));
}

/** A file with measurements, a report or what has been made of one, as a registry takes them. */
export function loadMeasurements(bytes: Uint8Array): LoadedFile<BenchmarkIngest> {
  return load(bytes, (value) => {
    if (fileTypeOf(value) === 'benchmark_ingest_request') {
      return documentIn(value, 'benchmark_ingest_request');
    }
    const read = documentIn(value, 'benchmark_report');
    return read.ok ? ingestOf(read.value, read.warnings) : read;
  });
}

function ingestOf(
  report: BenchmarkReport,
  warnings: readonly Diagnostic[],
): Result<BenchmarkIngest> {
  const samples = samplesOfReport(report);
  if ('error' in samples) return failure([errorAt('hive-value', '', samples.error)]);
  return success({ samples }, warnings);
}

/** Any file of the registry: what it is, told or found out, and whether that is right. */
export function checkFile(bytes: Uint8Array, told?: FileType): LoadedFile<FileType> {
  return load(bytes, (value) => {
    const type = told ?? fileTypeOf(value);
    if (type === undefined) return failure([unknownType()]);
    const read = readAs(value, type);
    return read.ok ? success(type, read.warnings) : read;
  });
}

function readAs(value: unknown, type: FileType): Result<unknown> {
  if (type === 'control') return controlIn(value);
  if (type === 'inventory') return inventoryIn(value);
  return type === 'roles' ? readRoles(value) : documentIn(value, type);
}

function load<Value>(
  bytes: Uint8Array,
  read: (value: unknown) => Result<Value>,
): LoadedFile<Value> {
  const decoded = decodeConfig(bytes);
  if (!decoded.ok) return { text: readableText(bytes), result: decoded };
  const text = decoded.value;
  const parsed = parseText(text);
  return { text, result: parsed.ok ? read(parsed.value.value) : parsed };
}

function controlIn(value: unknown): Result<Control> {
  const unknown = unknownKeys(value, controlTable, [], 'error');
  const decoded = decodeControl(value);
  const problems = decoded.ok ? [] : documentDiagnostics(decoded.problems, []);
  if (!decoded.ok || unknown.length > 0) return failure([...unknown, ...problems]);
  return success(decoded.value);
}

function inventoryIn(value: unknown): Result<Inventory> {
  const unknown = unknownKeys(value, inventoryTable, [], 'error');
  const decoded = readInventory(value);
  const problems = decoded.ok ? [] : documentDiagnostics(decoded.problems, []);
  if (!decoded.ok || unknown.length > 0) return failure([...unknown, ...problems]);
  return success(decoded.value);
}

function documentIn<Type extends DocumentType>(
  value: unknown,
  type: Type,
): Result<Documents[Type]> {
  const wrapper = wrapperOf(value);
  if (wrapper !== undefined && wrapper !== type) return failure([otherType(wrapper, type)]);
  const prefix: Loc = wrapper === undefined ? [] : [wrapper];
  const bare = unwrapped(value, type);
  const read = readDocument(type, bare);
  const ignored = unknownKeys(bare, tables[type], prefix, 'warning');
  if (!read.ok) return failure([...documentDiagnostics(read.problems, prefix), ...ignored]);
  return success(read.value, ignored);
}

function unknownType(): Diagnostic {
  const keys = fileTypes.filter((type) => type !== 'control').join(', ');
  return errorAt(
    'hive-document',
    '',
    'nobody can tell what this document is',
    `put it below the key that says so, or name it with --type: ${keys} or control`,
  );
}

function otherType(wrapper: DocumentType, type: DocumentType): Diagnostic {
  const message = `this is \`${wrapper}\`, where \`${type}\` belongs`;
  const help = `put that there, or rename the key where only its name is wrong`;
  return { ...errorAt('hive-document', `/${wrapper}`, message, help), mark: 'key' };
}
