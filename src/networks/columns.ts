/** Columns of rows: typed arrays that grow by doubling. */

/** No row. */
export const NONE = -1;

/** The new column, which begins as the old one. */
export function grown<Column extends {readonly length: number; set(from: Column): void}>(column: Column, larger: Column): Column {
  larger.set(column);
  return larger;
}
