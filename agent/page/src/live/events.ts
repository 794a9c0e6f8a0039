import { createParser } from 'eventsource-parser';
import { RequestProblem, send } from '../api/client.ts';

/** The agent writes at least a comment every 15 s; nothing for this long means that the connection is dead. */
const SILENCE_MS = 40_000;

/**
 * Reads the event stream until it ends or breaks. `fetch` and not EventSource: that tells neither why it was refused nor
 * when nothing comes any more, and it can't send a token.
 * @throws RequestProblem
 */
export async function readEvents(
  signal: AbortSignal,
  onEvent: (type: string, data: unknown) => void,
): Promise<never> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  const parser = createParser({
    onEvent: ({ event, data }) => onEvent(event ?? 'message', JSON.parse(data)),
  });
  try {
    const response = await send('api/v1/events', {
      accept: 'text/event-stream',
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (!response.body) throw new RequestProblem(0, 'NO_ANSWER', 'The agent sent no stream.');
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new RequestProblem(0, 'NO_ANSWER', 'The agent ended the stream.');
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      parser.feed(value);
    }
  } catch (error) {
    if (signal.aborted || error instanceof RequestProblem) throw error;
    throw new RequestProblem(0, 'NO_ANSWER', 'The connection to the agent broke.');
  } finally {
    clearTimeout(timer);
  }
}
