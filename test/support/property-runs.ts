/**
 * The number of runs of a property whose run is slow. `PROPERTY_RUNS=5000 npm run test:unit` runs each of them more often.
 *
 * @param usual runs without the variable, at least 100
 */
export function propertyRuns(usual = 100): number {
  return Number(process.env.PROPERTY_RUNS) || usual
}
