import type { Step } from './contestants.ts';
import { COUNTING } from './programs/counting.ts';
import { GAUGES } from './programs/gauges.ts';
import { OBSERVING } from './programs/observing.ts';
import { REGISTERING } from './programs/registering.ts';

export { EXEMPLARS as OPENMETRICS_PROGRAMS } from './programs/exemplars.ts';

/** Programs whose every step leads to the same in both, and whose registry shows the same at the end. */
export const PROGRAMS: Readonly<Record<string, readonly Step[]>> = {
  ...COUNTING,
  ...GAUGES,
  ...OBSERVING,
  ...REGISTERING,
};
