/** The name of the header that says which service has answered. */
export const SERVICE_HEADER = 'x-geniehive-service';

/** The id of a service as that header has it: there are no letters beyond ASCII. */
export function serviceHeader(id: string): string {
  return id.replaceAll(/[^\x21-\x7e]/gu, (letter) => encodeURIComponent(letter));
}
