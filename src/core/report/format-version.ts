/** Of every `--json` output. Within 1.x keys are only added. */
export const FORMAT_VERSION = '1.0';
