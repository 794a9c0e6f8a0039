/** A plugin that goes wrong in the way that its configuration names, as a file of its own. */
export const VICTIM = `
import { spawn } from 'node:child_process';
import { definePlugin, gauge, Type } from '@dynamic-informer/sdk';

const turn = gauge('victim_turn', 'The turn that its configuration names.');

const never = () => new Promise(() => {});
const spin = () => { for (;;); };
/** A child, and a grandchild, that end by SIGKILL only. */
const start = () => spawn('sh', ['-c', "trap '' TERM HUP INT; sleep 1000 & while :; do wait; sleep 1; done"], { stdio: 'ignore' });
const collect = {
  hang: never,
  spin,
  exit: () => process.exit(3),
  abort: () => process.abort(),
  children: () => { start(); return never(); },
  flood: () => { setInterval(() => { for (let i = 0; i < 100; i++) console.log('x'.repeat(1000)); }, 0); },
};

export default definePlugin({
  name: 'victim',
  config: Type.Object({ mode: Type.String({ description: 'What goes wrong.' }), turn: Type.Integer({ description: 'Anything.' }) }),
  open(config) {
    if (config.mode === 'open-hang') return never();
    if (config.mode === 'open-spin') spin();
    if (config.mode === 'kept-children') start();
    return {
      describe: () => [turn],
      collect: async () => (await collect[config.mode]?.()) ?? [turn.sample(config.turn)],
      close: () => (config.mode === 'close-hang' ? never() : config.mode === 'close-spin' ? spin() : undefined),
    };
  },
});
`;
