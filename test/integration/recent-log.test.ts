import { createLog, Redactor } from '@dynamic-informer/agent';
import { expect, it } from 'vitest';
import { startAgent } from '../support/agent.ts';
import { ACME } from '../support/plugins.ts';

const TALKS = `import { definePlugin, Type } from '@dynamic-informer/sdk';
export default definePlugin({
  name: 'talks',
  config: Type.Object({ token: Type.String({ secret: true }) }),
  open: (config, { logger }) => {
    logger.warn('it was opened', { with: config.token, at: { depth: [config.token] } });
    return { describe: () => [], collect: () => { logger.debug('it was asked'); return []; } };
  },
});
`;

it('GET /api/v1/logs gives the last lines of the agent and of plugins, masked, by resource and by level', async () => {
  await using test = await startAgent({
    plugins: { 'talks.ts': TALKS, 'acme.ts': ACME },
    config: 'resources: {a: {plugin: talks, config: {token: hunter22}}, b: {plugin: acme}}\n',
  });
  const logs = async (query = '') => {
    const response = await test.agent.inject(`/api/v1/logs${query}`);
    return { status: response.statusCode, body: response.body, ...JSON.parse(response.body) };
  };
  await test.scrape();
  await test.until('the line of the collect', async () => (await logs('?resource=a')).lines.length >= 3);
  const { lines, body } = await logs('?resource=a');
  expect(lines).toContainEqual({
    at: expect.any(Number),
    level: 'warn',
    message: 'it was opened',
    fields: { resource: 'a', host: 'talks', with: '***', at: { depth: ['***'] } },
  });
  expect(lines.at(-1)).toMatchObject({ level: 'debug', message: 'it was asked' });
  expect(body).not.toContain('hunter22');
  expect((await logs('?resource=a&level=warn&limit=1')).lines).toMatchObject([{ message: 'it was opened' }]);
  expect((await logs()).lines).toContainEqual(
    expect.objectContaining({ message: 'resource running', fields: { resource: 'b', plugin: 'acme' } }),
  );
  expect(await logs('?resource=nobody')).toMatchObject({ status: 404, code: 'HTTP_UNKNOWN_NAME' });
  for (const query of ['level=loud', 'limit=0', 'limit=1&limit=2', 'resource=a&resource=b']) {
    expect(await logs(`?${query}`)).toMatchObject({ status: 400, code: 'HTTP_BAD_REQUEST' });
  }
});

it('a secret that is a number in a line does not break the log', () => {
  const redactor = new Redactor();
  redactor.add(['4711']);
  const log = createLog({ level: 'error', format: 'logfmt', redactor });
  expect(() => log.error('it was ended', { pid: 4711 })).not.toThrow();
});
