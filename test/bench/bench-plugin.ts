/** How the bench's plugin never comes back from a collect. */
export const MISDEEDS = ['spin', 'ignore-abort', 'block', 'stop'] as const;

/**
 * A plugin that holds mix A, burns the CPU, misbehaves, or returns one value, as a file of its own that
 * agents and hosts load. With a control port a POST to /N changes every tenth series as round N says.
 */
export const BENCH_PLUGIN = `
import { existsSync, readFileSync } from 'node:fs';
import { definePlugin, gauge, Type } from '@dynamic-informer/sdk';

const one = gauge('bench_one', 'Is 1, or what is configured.');

const misdeeds = {
  spin() {
    for (;;);
  },
  'ignore-abort': () => new Promise(() => undefined),
  block: ({ fifo }) => readFileSync(fifo),
  stop: () => process.kill(process.pid, 'SIGSTOP'),
};

// What only some benches need is loaded only for them: others measure a host's memory.
async function fill(series, registry) {
  const { fillMix } = await import(${JSON.stringify(new URL('./mixes.js', import.meta.url).href)});
  const { ourMakers } = await import(${JSON.stringify(new URL('./registries.js', import.meta.url).href)});
  return fillMix('A', series, ourMakers(registry));
}

async function serve(port, change) {
  const { createServer } = await import('node:http');
  const server = createServer((request, response) => {
    change('10pct', Number(request.url.slice(1)));
    response.end();
  });
  await new Promise((resolve, reject) => {
    server.on('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return server;
}

/** Works for \`slice_ms\` at a time, so often that it comes to the share of a core. */
async function burn({ share, slice_ms, for_ms }) {
  const start = performance.now();
  for (let slices = 0; performance.now() - start < for_ms; slices++) {
    const end = performance.now() + slice_ms;
    while (performance.now() < end);
    const pause = start + ((slices + 1) * slice_ms) / share - performance.now();
    // A timer takes a millisecond at least.
    await new Promise((resolve) => (pause > 0.5 ? setTimeout(resolve, pause) : setImmediate(resolve)));
  }
}

export default definePlugin({
  name: 'bench',
  config: Type.Object({
    series: Type.Integer({ default: 0, description: 'Series of mix A.' }),
    value: Type.Optional(Type.Number({ description: 'What to return.' })),
    changed: Type.Optional(Type.String({ description: 'Which series of the mix each collect changes.' })),
    misdeed: Type.Optional(Type.String({ description: 'How it never comes back from a collect.' })),
    from: Type.Optional(Type.String({ description: 'A file; while it is not there, all is well.' })),
    fifo: Type.Optional(Type.String({ description: 'What it blocks on.' })),
    burn: Type.Optional(
      Type.Object({
        share: Type.Number({ description: 'Of a core.' }),
        slice_ms: Type.Number({ description: 'How long it holds its event loop at a time.' }),
        for_ms: Type.Number({ description: 'How long a collect takes.' }),
      }),
    ),
    control: Type.Optional(Type.Integer({ description: 'The port at which it is told to change values.' })),
  }),
  metrics: [one],
  async open({ value, series, changed, misdeed, from, fifo, burn: load, control }, { registry }) {
    const change = series > 0 ? await fill(series, registry) : () => undefined;
    change('all', 0);
    const server = control === undefined ? undefined : await serve(control, change);
    let collects = 0;
    return {
      async collect() {
        collects++;
        if (changed !== undefined) change(changed, collects);
        if (load !== undefined) await burn(load);
        const isBad = misdeed !== undefined && (from === undefined || existsSync(from));
        if (isBad) await misdeeds[misdeed]({ fifo });
        return [one.sample(value ?? 1)];
      },
      async close() {
        server?.close();
        server?.closeAllConnections();
      },
    };
  },
});
`;
