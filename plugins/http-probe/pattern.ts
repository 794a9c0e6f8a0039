/**
 * Compiles an expression of the operator's. Flags may lead it, as RE2 and Prometheus' programs write
 * them: `(?i)maintenance`.
 * @throws SyntaxError
 */
export function compilePattern(text: string): RegExp {
  const [lead = '', flags = ''] = /^\(\?([ims]+)\)/.exec(text) ?? [];
  return new RegExp(text.slice(lead.length), `u${[...new Set(flags)].join('')}`);
}
