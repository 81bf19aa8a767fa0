import type { RegisteredService } from '../../../../core/hive/catalogue.ts';
import type { Kind, RoleRow } from '../../../../core/hive/documents.ts';

/** A request for a model, as far as it does not depend on the service that gets it. */
export type Call = {
  readonly kind: Kind;
  /** The name of a role, a service or an asset. */
  readonly model: string;
  readonly requestFor: (target: Target) => UpstreamBody | Promise<UpstreamBody>;
  /** What the client gets of an answer that is no stream; undefined where it is not what it has to be. */
  readonly answerOf: (body: Buffer, contentType: string) => ClientBody | undefined;
};

type Target = {
  readonly service: RegisteredService;
  /** Of the role that the client has named. */
  readonly role: RoleRow | undefined;
};

export type UpstreamBody = {
  readonly contentType: string;
  readonly body: string | Uint8Array;
};

export type ClientBody = { readonly contentType: string; readonly body: string | Uint8Array };

export const JSON_TYPE = 'application/json; charset=utf-8';
