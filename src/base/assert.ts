/** A broken invariant of the program itself; never the user's mistake. */
export class InvariantError extends Error {}

/** Stops the run where `condition` does not hold. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) fail(message);
}

/** Stops the run. For hot paths, `if (broken) fail(...)`: their message would otherwise be put together each time that all is well. */
export function fail(message: string): never {
  throw new InvariantError(message);
}
