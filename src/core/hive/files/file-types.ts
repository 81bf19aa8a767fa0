import type { DocumentType } from '../read/read-document.ts';

/** What a file of the registry can be. A heartbeat is nobody's file. */
export const fileTypes = [
  'host',
  'service',
  'asset',
  'role',
  'request_shape_policy',
  'health_sample',
  'benchmark_sample',
  'route_match_request',
  'route_match_candidate',
  'benchmark_ingest_request',
  'benchmark_report',
  'roles',
  'control',
  'inventory',
] as const satisfies readonly (DocumentType | 'roles' | 'control' | 'inventory')[];

export type FileType = (typeof fileTypes)[number];
