/** Why a request of a node changes nothing. */
export type Refusal =
  | { readonly kind: 'unknown-host'; readonly hostId: string }
  | { readonly kind: 'service-conflict'; readonly serviceId: string; readonly hostId: string }
  | { readonly kind: 'unknown-service'; readonly serviceId: string };
