import { type LookupAddress, lookup } from 'node:dns';

export interface Address {
  readonly ip: string;
  readonly family: 4 | 6;
}

export interface AddressChoice {
  /** Which family to take if a name has both; without it, the first address in the system's order. */
  readonly preferred?: 4 | 6;
  /** Whether the other family will do when the preferred one is missing. */
  readonly fallback: boolean;
}

/** Looks a host up as the system's programs do, hosts file and search domains included, and takes one address. */
export async function resolveAddress(
  host: string,
  { preferred, fallback }: AddressChoice,
  signal: AbortSignal,
): Promise<Address> {
  const found = await lookupAll(host, preferred === undefined || fallback ? 0 : preferred, signal);
  const best = found.find(({ family }) => family === preferred);
  const chosen = best ?? (preferred === undefined || fallback ? found[0] : undefined);
  if (!chosen) throw new Error(`${host} has no IPv${preferred} address`);
  return { ip: chosen.address, family: chosen.family === 6 ? 6 : 4 };
}

/** getaddrinfo can't be called off: after an abort it ends by itself, and its answer is ignored. */
function lookupAll(host: string, family: 0 | 4 | 6, signal: AbortSignal): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    lookup(host, { all: true, order: 'verbatim', family }, (error, addresses) => {
      signal.removeEventListener('abort', abort);
      if (error) reject(error);
      else resolve(addresses);
    });
  });
}
