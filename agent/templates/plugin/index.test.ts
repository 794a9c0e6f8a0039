import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { openForTest, testPlugin } from '@dynamic-informer/sdk/testing';
import plugin from './index.ts';

const TOKEN = 'let-me-in';
const mail = { name: 'mail', items: 3, oldest_seconds: 12.5 };
const video = { name: 'video', items: 0 };

// A small server of the kind that the plugin reads. Put the real one here if it can run on your machine.
const server = createServer((request, response) => {
  if (request.headers.authorization !== `Bearer ${TOKEN}`) response.statusCode = 401;
  response.end(request.url === '/queues' ? JSON.stringify({ queues: [mail, video] }) : 'nothing here');
});
let base = '';

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

describe('example-plugin', () => {
  const config = () => ({ url: `${base}/queues`, token: TOKEN });

  // What every plugin has to keep to, and what is in the folder testcases.
  for (const check of testPlugin(plugin, {
    folder: import.meta.dirname,
    config,
    // The suite points it at servers that refuse, hang, or answer nonsense.
    configFor: ({ url }) => ({ url: `${url}/queues`, token: TOKEN }),
    variables: () => ({ SERVER: base, TOKEN }),
  })) {
    it(check.name, { timeout: check.timeout }, check.run);
  }

  it('says what the server says now', async () => {
    const collector = await openForTest(plugin, { ...config(), queues: ['mail'] });
    try {
      const value = async () => (await collector.collect()).value('example_plugin_items', { queue: 'mail' });
      assert.equal(await value(), 3);
      mail.items = 4;
      assert.equal(await value(), 4);
    } finally {
      mail.items = 3;
      await collector.close();
    }
  });

  it('blames the server for an answer that is no list of queues', async () => {
    const collector = await openForTest(plugin, { ...config(), url: `${base}/elsewhere` });
    try {
      const { outcome, errors } = await collector.collect();
      assert.equal(outcome, 'target');
      assert.match(errors[0]?.message ?? '', /did not answer with a list of queues/);
    } finally {
      await collector.close();
    }
  });
});
