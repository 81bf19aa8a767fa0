import type { ExampleReader } from '../../catalogue/example-reader.ts';
import { locateText } from '../text/locate-text.ts';
import { checkFile } from './load-file.ts';

/** For examples of rules about documents. */
export const documentReader: ExampleReader = {
  load: (bytes) => checkFile(bytes),
  locate: locateText,
};
