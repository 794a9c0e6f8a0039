/**
 * A plugin that starts processes when it is opened, does what its `mode` says, and tells who it is and what
 * it has started, as a file of its own.
 */
export const FAMILY = `
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { configError, counter, definePlugin, gauge, Type } from '@dynamic-informer/sdk';

const child = gauge('family_child_pid', 'A process that it has started.', ['kind']);
const host = gauge('family_host_pid', 'The process that it is in.');
const opened = counter('family_opens_total', 'How often it was opened, by its state.');
const variable = gauge('family_variable', 'What is in its environment.', ['name', 'value']);

const KINDS = {
  plain: () => spawn('sleep', ['1000'], { stdio: 'ignore' }),
  stubborn: () => spawn('sh', ['-c', 'trap "" TERM HUP INT; sleep 1000 & exec sleep 1000'], { stdio: 'ignore' }),
  session: () => spawn('sleep', ['1000'], { stdio: 'inherit', detached: true }),
};
const signal = (name) => () => { process.kill(process.ppid, name); };
const MODES = {
  well: () => undefined,
  hang: () => new Promise(() => {}),
  spin: () => { for (;;); },
  kill: signal('SIGKILL'),
  stop: signal('SIGSTOP'),
  read: ({ file }) => readFileSync(file),
  connect: ({ file }) => new Promise((resolve, reject) => {
    connect(file, () => resolve()).on('error', reject);
  }),
};

export default definePlugin({
  name: 'family',
  config: Type.Object({
    children: Type.Optional(Type.Array(Type.String(), { description: 'Kinds of what to start.' })),
    mode: Type.Optional(Type.String({ description: 'What to do in a collect.' })),
    file: Type.Optional(Type.String({ description: 'What to do it with.' })),
    refuses: Type.Optional(Type.Boolean({ description: 'Fail to open.' })),
  }),
  async open(config, { state }) {
    const before = await state.read(1);
    const opens = (before ? Number(before.toString()) : 0) + 1;
    await state.write(1, Buffer.from(String(opens)));
    if (config.refuses) throw configError('It refuses.');
    const children = (config.children ?? []).map((kind) => child.sample(KINDS[kind]().pid, { kind }));
    return {
      describe: () => [child, host, opened, variable],
      async collect() {
        await MODES[config.mode ?? 'well'](config);
        await state.write(1, Buffer.from(String(opens)));
        const variables = Object.entries(process.env).map(([name, value]) => variable.sample(1, { name, value }));
        return [...children, host.sample(process.pid), opened.sample(opens), ...variables];
      },
    };
  },
});
`;
