import { lengthOf, type Negotiated, negotiate } from '@dynamic-informer/sdk/host';
import { acceptedCoding, type Compressor, MIN_COMPRESSED_BYTES } from '@dynamic-informer/sdk/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Exposition } from '../../render/scrape.ts';
import {
  type Selection,
  type SelectionQuery,
  selectResources,
  UnknownNameError,
} from '../../render/selection.ts';
import type { HttpPorts } from '../ports.ts';
import { sendProblem, unknownName } from '../problem.ts';
import { scrapeBudgetMs } from '../scrape-budget.ts';

/** Answers a scrape in the format and coding that was asked for, before the scraper gives up. */
export async function answerScrape(
  ports: HttpPorts,
  compressor: Compressor,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const started = performance.now();
  let selection: Selection;
  try {
    selection = selectResources(request.query as SelectionQuery, ports.resources());
  } catch (error) {
    if (!(error instanceof UnknownNameError)) throw error;
    ports.scraped(404, 'text', (performance.now() - started) / 1000);
    return sendProblem(reply, 404, unknownName(error.message));
  }
  const { scrapeTimeoutOffsetMs } = ports.settings();
  const budget = scrapeBudgetMs(
    request.headers['x-prometheus-scrape-timeout-seconds'],
    scrapeTimeoutOffsetMs,
  );
  const wanted = negotiate(request.headers.accept, { created: ports.settings().openmetricsCreated });
  const exposition = await ports.scrape(selection, budget, wanted);
  const { format } = exposition.encoding;
  ports.scraped(200, format.replace('-created', ''), (performance.now() - started) / 1000);
  return sendExposition(compressor, request, reply, wanted, exposition);
}

/** Sends an exposition in the coding that was asked for; it may be text though something else was wanted. */
export async function sendExposition(
  compressor: Compressor,
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: Negotiated,
  { encoding, parts }: Exposition,
): Promise<FastifyReply> {
  const { contentType } = encoding === wanted ? wanted : negotiate(undefined);
  reply.type(contentType).header('vary', 'Accept, Accept-Encoding');
  const coding = acceptedCoding(request.headers['accept-encoding']);
  const bytes = lengthOf(parts);
  if (coding === undefined || bytes < MIN_COMPRESSED_BYTES) return reply.send(Buffer.concat(parts));
  return reply.header('content-encoding', coding).send(await compressor.compress(parts, coding));
}
