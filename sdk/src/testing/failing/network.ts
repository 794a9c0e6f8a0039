import { connect } from 'node:net';
import { definePlugin, gauge, Type, targetError } from '../../index.ts';

/** Which of the ways in which a target can fail is taken for something else, and how. */
export type NetworkFault =
  | 'none'
  | 'refuses'
  | 'resets'
  | 'closes'
  | 'hangs'
  | 'garbage'
  | 'half'
  | 'stalls'
  | 'says ok'
  | 'leaks a failed connection'
  | 'needs a target to describe'
  | 'shows its password in the log'
  | 'shows its password in an error'
  | 'shows its URL'
  | 'quotes the answer';

/** The good answer is `MANY 42\n`; the beginning of one for the suite. */
export const HALF_ANSWER = 'MANY 4';

/** A client of a protocol of one line, which keeps to the contract but for one thing. */
export function networkPlugin(fault: NetworkFault) {
  return definePlugin({
    name: 'network',
    config: Type.Object({
      url: Type.String({ description: 'Where the server is: many://HOST:PORT.' }),
      login: Type.Optional(
        Type.Object(
          {
            user: Type.String({ description: 'Who asks.' }),
            password: Type.String({ secret: true, description: 'What proves it.' }),
          },
          { description: 'For a server that wants to know.' },
        ),
      ),
    }),
    async open({ url, login }, context) {
      const { hostname, port, password } = new URL(url);
      const secret = login?.password ?? password;
      if (fault === 'shows its password in the log') context.logger.info('Opened.', { login });
      const place = fault === 'shows its URL' ? url : `${hostname}:${port}`;
      const many = await metricOf(fault, Number(port));
      return {
        describe: () => [many],
        async collect({ signal }) {
          const answer = await ask(Number(port), secret, fault, signal);
          if ('many' in answer) return [many.sample(answer.many)];
          if (answer.way === fault) throw new TypeError(`${answer.way}: this can't be.`);
          if (fault === 'says ok') return [many.sample(0)];
          const detail = fault === 'shows its password in an error' ? ` for ${secret}` : '';
          const quoted = fault === 'quotes the answer' ? `: ${answer.text}` : '';
          throw targetError(`${place} ${answer.way}${detail}${quoted}`);
        },
      };
    },
  });
}

async function metricOf(fault: NetworkFault, port: number) {
  const up = fault !== 'needs a target to describe' || (await canConnect(port));
  return gauge('many_things', up ? 'Things of which there are many.' : 'Nothing.');
}

const canConnect = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.destroy());
    socket.once('error', () => resolve(false)).once('close', () => resolve(true));
  });

type Answer = { many: number } | { way: NetworkFault; text: string };

function ask(port: number, secret: string, fault: NetworkFault, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: fault === 'leaks a failed connection' });
    let text = '';
    const end = (answer: Answer) => {
      if (fault !== 'leaks a failed connection' || 'many' in answer) socket.destroy();
      signal.removeEventListener('abort', late);
      resolve(answer);
    };
    const late = () => end({ way: text === '' ? 'hangs' : 'stalls', text });
    const lost = (way: NetworkFault) => end({ way: text === '' ? way : 'half', text });
    socket.once('connect', () => socket.write(`HOW MANY ${secret}\n`));
    socket.on('data', (chunk) => {
      text += chunk;
      const [, many] = /^MANY (\d+)\n/.exec(text) ?? [];
      if (many !== undefined) end({ many: Number(many) });
      else if (!'MANY '.startsWith(text.slice(0, 5))) end({ way: 'garbage', text });
    });
    socket.once('end', () => lost('closes'));
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      lost(code === 'ECONNREFUSED' ? 'refuses' : 'resets'),
    );
    signal.addEventListener('abort', late, { once: true });
    if (signal.aborted) late();
  });
}
