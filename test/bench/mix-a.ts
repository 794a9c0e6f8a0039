// Mix A: ten families of counters and ten of gauges, three labels each. Of the gauges a third hold
// integers, a third three decimals and a third full doubles. Every value follows from the series and the
// round, so that all contestants hold the same without being told; go/mix.go has it once more.

export const LABELS = ['method', 'route', 'zone'] as const;
export const FAMILIES_OF_A_TYPE = 10;
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'];
const ROUTES = 100;

export interface MixFamily {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly help: string;
}

export const FAMILIES: readonly MixFamily[] = Array.from({ length: 2 * FAMILIES_OF_A_TYPE }, (_, index) => {
  const number = index >> 1;
  return index % 2 === 0
    ? { type: 'counter', name: `shop_${number}_requests_total`, help: `Requests of part ${number}.` }
    : { type: 'gauge', name: `shop_${number}_load_ratio`, help: `Load of part ${number}.` };
});

/** The label values of a family's series, in the order of `LABELS`. */
export function labelValues(series: number): [method: string, route: string, zone: string] {
  const method = METHODS[series % METHODS.length] ?? '';
  const rest = Math.floor(series / METHODS.length);
  return [method, `/api/v1/orders/${rest % ROUTES}/items`, `eu-central-${Math.floor(rest / ROUTES)}`];
}

/** A uniform fraction in [0, 1) from two whole numbers: the finalizer of MurmurHash3 over both, 53 bits of it. */
export function fraction(a: number, b: number): number {
  const high = mixBits(Math.imul(a, 0x9e3779b1) ^ b) >>> 0;
  const low = mixBits(high ^ Math.imul(b, 0x85ebca6b) ^ a) >>> 11;
  return (high * 0x200000 + low) / 2 ** 53;
}

/** MurmurHash3's finalizer for 32 bits. */
export function mixBits(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** What a counter is increased by. */
export const increase = (series: number, round: number): number =>
  1 + Math.floor(fraction(series, round) * 1000);

/** What a gauge is set to. */
export function gaugeValue(series: number, round: number): number {
  const value = fraction(series, round);
  if (series % 3 === 0) return Math.floor(value * 100_000);
  if (series % 3 === 1) return Math.round(value * 1_000_000) / 1000;
  return value * 1000;
}

/** Which series a round changes: all, or every tenth, another tenth in each round. */
export type Changed = 'all' | '10pct';

export const isChanged = (changed: Changed, series: number, round: number): boolean =>
  changed === 'all' || (series + round) % 10 === 0;
