/** A plugin of somebody else's that lets its secret out in every way that it finds. */
export const LEAKY = `import { definePlugin, targetError, Type } from '@dynamic-informer/sdk';

const coded = (secret) => [
  encodeURIComponent(secret),
  JSON.stringify(JSON.stringify(secret)),
  Buffer.from('user:' + secret).toString('base64'),
  Buffer.from('x' + secret + 'yz').toString('base64url'),
  'redis://user:' + secret + '@host/0',
].join(' ');

const thrown = {
  message: (secret) => new Error('login with ' + secret + ' failed: ' + coded(secret)),
  cause: (secret) => new Error('outer', { cause: Object.assign(new Error('inner ' + secret), { code: 'ECONNREFUSED' }) }),
  stack: (secret) => Object.assign(new Error('see its stack'), { stack: 'at ' + secret, options: { password: [secret] } }),
  several: (secret) => new AggregateError([new Error(secret), new Error(coded(secret))], 'all failed: ' + secret),
  told: (secret) => targetError('refused: ' + secret, { code: 'CODE_' + secret, fix: 'do not use ' + coded(secret), path: [secret] }),
  text: (secret) => secret,
  object: (secret) => ({ password: secret, message: { nested: secret }, toString: () => secret }),
  cut: (secret) => new Error('x'.repeat(1988) + secret),
};

function log(logger, secret) {
  logger.info('it is ' + secret, { secret, [secret]: 1, list: [secret, { deep: { er: secret } }], error: new Error(secret) });
  logger.warn('cut', { long: 'y'.repeat(990) + secret, coded: coded(secret) });
  logger.debug('z'.repeat(3990) + secret);
  console.log('printed', { secret });
  console.error('p'.repeat(4080) + secret);
}

export default definePlugin({
  name: 'leaky',
  config: Type.Object({ mode: Type.String(), token: Type.String({ secret: true }) }),
  *validate({ mode, token }) {
    if (mode === 'validate') yield { path: ['mode'], message: 'it does not go with ' + token, fix: 'change ' + coded(token) };
  },
  open({ mode, token }, { logger }) {
    log(logger, token);
    if (mode === 'open') throw new Error('it does not open with ' + token);
    if (mode === 'crash') setTimeout(() => { throw new Error('fatal error: ' + token); }, 50);
    return {
      describe: () => [],
      async collect(context) {
        log(context.logger ?? logger, token);
        context.error?.(new Error('partly ' + token));
        if (mode in thrown) throw thrown[mode](token);
        if (mode === 'exit') { process.stderr.write('fatal error with ' + token + '\\n', () => process.exit(3)); await new Promise(() => {}); }
        return [];
      },
    };
  },
});
`;

/** The ways in which it fails. */
export const LEAKY_MODES = [
  'message',
  'cause',
  'stack',
  'several',
  'told',
  'text',
  'object',
  'cut',
  'open',
  'crash',
  'exit',
  'none',
];
