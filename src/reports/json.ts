/** summary.json: stable order, shortest numbers. */
export function* json(summary: object): Generator<string> {
  yield `${JSON.stringify(summary, null, 2)}\n`;
}
