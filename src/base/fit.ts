/** Least squares on log error, robust, for a handful of positive coefficients: Levenberg-Marquardt over their logarithms. */
import {exp, ln} from './mathematics.ts';

export interface Coefficient {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly start: number;
  /** Step of its logarithm for the numeric derivative: small for smooth functions (the default), larger than the noise of simulated ones. */
  readonly step?: number;
}

const ITERATIONS = 60;
const STEP = 1e-5;
/** Log errors beyond this count less and less: a profile has outliers (a tenth is about 10 %). */
const OUTLIER = 0.1;

/**
 * Coefficients that minimise the weighted log errors ln(predicted / measured) that `errors` writes into its second argument, one a point;
 * `iterations` at most. Deterministic. `errors` must be finite inside the bounds.
 */
export function fitLog(
  coefficients: readonly Coefficient[],
  points: number,
  errors: (values: readonly number[], into: Float64Array) => void,
  iterations = ITERATIONS,
): number[] {
  const lows = coefficients.map(({min}) => ln(min));
  const highs = coefficients.map(({max}) => ln(max));
  const steps = coefficients.map(({step = STEP}) => step);
  const clamp = (x: number, i: number): number => Math.min(highs[i], Math.max(lows[i], x));
  let x = coefficients.map(({start}, i) => clamp(ln(start), i));
  let residuals = residualsAt(x, points, errors);
  let loss = robustLoss(residuals);
  let damping = 1e-3;
  let equations: ReturnType<typeof normalEquations> | null = null;
  for (let iteration = 0; iteration < iterations && damping < 1e8; iteration++) {
    equations ??= normalEquations(x, residuals, points, errors, highs, steps);
    const {gradient, curvature} = equations;
    const step = solve(
      curvature.map((row, i) => row.map((value, j) => (i === j ? value * (1 + damping) + 1e-12 : value))),
      gradient,
    );
    const next = x.map((value, i) => clamp(value - step[i], i));
    const there = residualsAt(next, points, errors);
    const better = robustLoss(there);
    if (better < loss) {
      const done = loss - better < 1e-12 * loss;
      x = next;
      equations = null;
      residuals = there;
      loss = better;
      damping = Math.max(1e-9, damping / 4);
      if (done) break;
    } else damping *= 6;
  }
  return x.map(exp);
}

function residualsAt(x: readonly number[], points: number, errors: (values: readonly number[], into: Float64Array) => void): Float64Array {
  const into = new Float64Array(points);
  errors(x.map(exp), into);
  return into;
}

/** Sum of OUTLIER^2 x 2 (sqrt(1 + (r / OUTLIER)^2) - 1): quadratic near zero, linear far out. */
function robustLoss(residuals: Float64Array): number {
  let sum = 0;
  for (const residual of residuals) sum += Math.sqrt(1 + (residual / OUTLIER) * (residual / OUTLIER)) - 1;
  return sum;
}

function normalEquations(
  x: readonly number[],
  residuals: Float64Array,
  points: number,
  errors: (values: readonly number[], into: Float64Array) => void,
  highs: readonly number[],
  steps: readonly number[],
): {gradient: number[]; curvature: number[][]} {
  const columns = x.map((_, i) => {
    const step = x[i] + steps[i] > highs[i] ? -steps[i] : steps[i];
    const there = residualsAt(
      x.map((value, j) => (i === j ? value + step : value)),
      points,
      errors,
    );
    return there.map((value, k) => (value - residuals[k]) / step);
  });
  const weights = residuals.map((residual) => 1 / Math.sqrt(1 + (residual / OUTLIER) * (residual / OUTLIER)));
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, k) => sum + weights[k] * value * b[k], 0);
  return {gradient: columns.map((column) => dot(column, residuals)), curvature: columns.map((a) => columns.map((b) => dot(a, b)))};
}

/** Gaussian elimination with partial pivoting; the matrix is small and positive definite. */
function solve(matrix: number[][], right: readonly number[]): number[] {
  const n = right.length;
  const rows = matrix.map((row, i) => [...row, right[i]]);
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++) if (Math.abs(rows[row][column]) > Math.abs(rows[pivot][column])) pivot = row;
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (let row = column + 1; row < n; row++) {
      const factor = rows[row][column] / rows[column][column];
      for (let k = column; k <= n; k++) rows[row][k] -= factor * rows[column][k];
    }
  }
  const solution = Array.from({length: n}, () => 0);
  for (let row = n - 1; row >= 0; row--) {
    let sum = rows[row][n];
    for (let k = row + 1; k < n; k++) sum -= rows[row][k] * solution[k];
    solution[row] = sum / rows[row][row];
  }
  return solution;
}
