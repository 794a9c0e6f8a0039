import { Agent, request } from 'node:http';

const PAUSE_MS = 300;
/** One round of what a client does: jobs in ones and in a burst, looks, and two mistakes. */
const ROUND = [
  'post',
  'list',
  'job',
  'post',
  'missing',
  'list',
  'burst',
  'health',
  'job',
  'nowhere',
] as const;
const BURST = 6;

/** Uses a job API as a gentle client would, a request every few hundred milliseconds. */
export function startTraffic(url: string, content: string): { stop(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: BURST });
  const send = (method: string, path: string, body?: string) => {
    const headers = { 'user-agent': 'quickstart-client/1.0', ...(body && { 'content-type': 'text/plain' }) };
    const sent = request(new URL(path, url), { method, agent, headers }, (response) => {
      if (response.statusCode !== 201) return response.resume();
      return response.setEncoding('utf8').on('data', (text) => {
        lastJob = /"id":"(\d+)"/.exec(text)?.[1] ?? lastJob;
      });
    });
    // The service writes down what went wrong; a client that is told so tries again in its next round.
    sent.on('error', () => {});
    sent.end(body);
  };
  let turn = 0;
  let lastJob = '1';
  const post = () => send('POST', '/jobs', `Job of turn ${turn}\n${content}`);
  const steps: Record<(typeof ROUND)[number], () => void> = {
    post,
    burst: () => Array.from({ length: BURST }, post),
    list: () => send('GET', '/jobs'),
    job: () => send('GET', `/jobs/${lastJob}`),
    health: () => send('GET', '/health'),
    missing: () => send('GET', '/jobs/999999999'),
    nowhere: () => send('GET', '/favicon.ico'),
  };
  const timer = setInterval(() => {
    const step = ROUND[turn++ % ROUND.length];
    if (step) steps[step]();
  }, PAUSE_MS);
  return {
    stop() {
      clearInterval(timer);
      agent.destroy();
    },
  };
}
