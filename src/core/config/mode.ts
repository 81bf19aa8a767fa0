/**
 * How a config is read. `strict`: whatever is not as the schema has it is an error. `lenient`: unknown keys are left out
 * and other spellings of a value that can mean one thing only are read as that, with a warning each. `cautious`: the same for
 * a host that is going to be as the config says; an unknown key that looks like a slip stays an error.
 */
export type Mode = 'strict' | 'lenient' | 'cautious';
