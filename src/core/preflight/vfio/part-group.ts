const MOVE = 'move a card to another slot';
/** Of no use where the bridges have ACS on already. */
const ACS = ', or enable ACS in the firmware where it is off';

/** What parts the devices of an IOMMU group. */
export const PART = MOVE + ACS;

/** The same advice for a host whose bridges have ACS on. */
export function withoutAcs(line: string): string {
  return line.replace(PART, MOVE);
}
