/**
 * How a config is read. `strict`: whatever is not as the schema has it is an error. `lenient`: unknown keys are left out
 * and other spellings of a value that can mean one thing only are read as that, with a warning each.
 */
export type Mode = 'strict' | 'lenient';
