/** How long a guest has, in seconds, from the press of the power button to the end of its VM. */
export const POWER_OFF_S = 110;
