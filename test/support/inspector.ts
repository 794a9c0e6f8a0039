import type { RunningProcess } from './process.ts';
import { waitFor } from './wait.ts';

/** So that the inspector, which SIGUSR1 starts, takes a port of its own. */
export const INSPECTABLE = { NODE_OPTIONS: '--inspect-port=0' };

interface Answer {
  readonly id?: number;
  readonly result?: InspectorResult;
}

export interface InspectorResult {
  readonly result?: { readonly value?: unknown; readonly objectId?: string };
  readonly objects?: { readonly objectId?: string; readonly description?: string };
  readonly exceptionDetails?: { readonly text: string };
}

/** A way to look into a Node.js process that was started with `INSPECTABLE`. */
export interface Inspector extends Disposable {
  ask(method: string, params?: object): Promise<InspectorResult>;
  /** What an expression gives, as JSON has it, or a reference to it. */
  evaluate(expression: string): Promise<NonNullable<InspectorResult['result']>>;
}

/** Starts the inspector with SIGUSR1 and connects to it, which are descriptors and objects of that process too. */
export async function connectInspector(
  process: Pick<RunningProcess, 'signal' | 'output'>,
): Promise<Inspector> {
  process.signal('SIGUSR1');
  const url = await waitFor(() => /Debugger listening on (ws:\S+)/.exec(process.output())?.[1], {
    what: 'the inspector to listen',
  });
  const socket = new WebSocket(url);
  const opened = Promise.withResolvers<void>();
  const waiting = new Map<number, (answer: Answer) => void>();
  socket.addEventListener('open', () => opened.resolve());
  socket.addEventListener('error', () => opened.reject(new Error(`No inspector at ${url}.`)));
  socket.addEventListener('message', ({ data }) => {
    const answer = JSON.parse(String(data)) as Answer;
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
  });
  await opened.promise;
  let last = 0;
  const ask = async (method: string, params: object = {}): Promise<InspectorResult> => {
    const id = ++last;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    waiting.set(id, resolve);
    socket.send(JSON.stringify({ id, method, params }));
    const { result } = await promise;
    waiting.delete(id);
    if (!result || result.exceptionDetails) throw new Error(`${method}: ${result?.exceptionDetails?.text}`);
    return result;
  };
  return {
    ask,
    evaluate: async (expression) => (await ask('Runtime.evaluate', { expression })).result ?? {},
    [Symbol.dispose]: () => socket.close(),
  };
}

/** Gives the longest time in milliseconds for which a process' event loop was held since it was last asked. */
export async function holdMeter(inspector: Inspector): Promise<() => Promise<number>> {
  const meter = 'globalThis[Symbol.for("test.holds")]';
  await inspector.evaluate(
    `${meter} = process.getBuiltinModule('perf_hooks').monitorEventLoopDelay({ resolution: 1 }); ${meter}.enable()`,
  );
  return async () => {
    const { value } = await inspector.evaluate(
      `(() => { const { max } = ${meter}; ${meter}.reset(); return max / 1e6; })()`,
    );
    return Number(value);
  };
}
