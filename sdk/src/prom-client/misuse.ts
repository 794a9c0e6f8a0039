/**
 * An error of the class that prom-client throws in the same case, so that `instanceof TypeError` goes on
 * working, with the fields that the agent reads. `message` holds prom-client's own words, and says where.
 */
export function misuse(
  kind: new (message: string) => Error,
  message: string,
  about: { code: string; fix: string },
): Error {
  return Object.assign(new kind(message), { class: 'plugin', ...about });
}
