/**
 * Whether this machine does nothing else, so that what the clock on the wall says may be held against a bound (`npm run check:clock`). Elsewhere, as
 * in CI on a shared machine, such a bound would fail by the neighbours' doing: there the same tests check all else.
 */
export const quiet = process.env['QUIET'] !== undefined;
