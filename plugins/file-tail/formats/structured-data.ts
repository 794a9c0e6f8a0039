const QUOTE = 34;
const BACKSLASH = 92;
const CLOSING = 93;

/**
 * The value of a parameter in the structured data of RFC 5424, such as `[origin@32473 ip="192.0.2.1"][meta sequenceId="1"]`.
 * @param data as the RFC has it
 * @param name the element's id and the parameter's name with a dot between them: `origin@32473.ip`
 */
export function structuredValue(data: string, name: string): string | undefined {
  let at = 0;
  while (at < data.length) {
    const idEnd = endOfName(data, at + 1);
    const isWanted = name.startsWith(`${data.slice(at + 1, idEnd)}.`);
    const parameter = isWanted ? name.slice(idEnd - at) : undefined;
    at = idEnd;
    while (data.charCodeAt(at) !== CLOSING) {
      const equals = data.indexOf('=', at);
      const end = endOfValue(data, equals + 2);
      if (parameter !== undefined && data.slice(at + 1, equals) === parameter) {
        return data.slice(equals + 2, end).replace(/\\(["\\\]])/g, '$1');
      }
      at = end + 1;
    }
    at++;
  }
  return undefined;
}

function endOfName(data: string, start: number): number {
  let at = start;
  while (data[at] !== ' ' && data[at] !== ']') at++;
  return at;
}

/** Where the quote is that ends a value. */
function endOfValue(data: string, start: number): number {
  let at = start;
  while (data.charCodeAt(at) !== QUOTE) at += data.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}
