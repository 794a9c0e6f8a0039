import type { Encoding, Format } from './formats.ts';
import { ESCAPINGS, type Escaping } from './names.ts';

/** What an answer says of itself. */
export interface Negotiated extends Encoding {
  readonly contentType: string;
}

interface Range {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
  readonly index: number;
}

/** What an exposition has beyond what the `Accept` header asks for. */
export interface NegotiateOptions {
  /** OpenMetrics with the lines that tell when series began. */
  readonly created?: boolean;
}

/**
 * Chooses the format for an `Accept` header as Prometheus 3 and its exporters do: the highest quality first,
 * of equal ones the first that is listed; text 0.0.4 when nothing fits, because a scraper without an answer
 * is worse off than one with an unexpected format.
 * prometheus.io/docs/instrumenting/content_negotiation; RFC 9110, 12.5.1.
 */
export function negotiate(
  accept: string | undefined,
  { created = false }: NegotiateOptions = {},
): Negotiated {
  for (const range of ranges(accept ?? '')) {
    const found = match(range, created);
    if (found !== undefined) return found;
  }
  return negotiated('text', 'underscores', '0.0.4');
}

/** Media ranges by falling quality; those with the quality 0 are left out. */
function ranges(accept: string): Range[] {
  return accept
    .slice(0, MAX_HEADER)
    .split(',')
    .map((part, index): Range => {
      const [type = '', ...rest] = part.split(';').map((each) => each.trim());
      const parameters = new Map(
        rest.map((each): [string, string] => {
          const [name = '', value = ''] = each.split('=', 2);
          return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1')];
        }),
      );
      const quality = parameters.has('q') ? Number(parameters.get('q')) : 1;
      return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 0 : quality, index };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality || a.index - b.index);
}

const MAX_HEADER = 4096;

function match({ type, parameters }: Range, created: boolean): Negotiated | undefined {
  const asked = parameters.get('escaping');
  const escaping = ESCAPINGS.find((each) => each === asked) ?? 'underscores';
  const version = parameters.get('version');
  switch (type) {
    case 'application/vnd.google.protobuf': {
      const isFamily = parameters.get('proto') === 'io.prometheus.client.MetricFamily';
      return isFamily && parameters.get('encoding') === 'delimited'
        ? negotiated('protobuf', escaping)
        : undefined;
    }
    case 'application/openmetrics-text':
      if (version !== undefined && version !== '1.0.0' && version !== '0.0.1') return undefined;
      return negotiated(created ? 'openmetrics-created' : 'openmetrics', escaping, version ?? '1.0.0');
    case 'text/plain':
      if (version !== undefined && version !== '0.0.4' && version !== '1.0.0') return undefined;
      return negotiated('text', escaping, version ?? '0.0.4');
    case '*/*':
    case 'text/*':
      return negotiated('text', 'underscores', '0.0.4');
    default:
      return undefined;
  }
}

function negotiated(format: Format, escaping: Escaping, version = ''): Negotiated {
  const suffix = `; escaping=${escaping}`;
  switch (format) {
    case 'protobuf':
      return {
        format,
        escaping,
        contentType: `application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited${suffix}`,
      };
    case 'text':
      return { format, escaping, contentType: `text/plain; version=${version}; charset=utf-8${suffix}` };
    default:
      return {
        format,
        escaping,
        contentType: `application/openmetrics-text; version=${version}; charset=utf-8${suffix}`,
      };
  }
}
