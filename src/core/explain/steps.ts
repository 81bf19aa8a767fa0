/** Work that takes seconds, done step by step: whoever asks for it can show something in between. */
export type Steps<Value> = Generator<undefined, Value>;

/** All of it at once. */
export function finished<Value>(steps: Steps<Value>): Value {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}
