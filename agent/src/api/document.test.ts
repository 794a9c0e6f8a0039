import { makeLogger } from '@dynamic-informer/sdk';
import { expect, it } from 'vitest';
import { Access } from '../http/access.ts';
import { createApp } from '../http/app.ts';
import type { HttpPorts } from '../http/ports.ts';
import { RouteTable } from '../http/route-table.ts';
import { OPENAPI_DOCUMENT } from './document.ts';

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}
const silent = makeLogger(() => undefined);
const document = JSON.parse(OPENAPI_DOCUMENT) as Document;

it('describes every route that there is, and no other', () => {
  const table = new RouteTable();
  // Routes ask their ports when they are called, and none is.
  createApp(new Access(silent, () => undefined), {} as HttpPorts, table);
  const there = table.routes.filter((route) => !route.startsWith('HEAD '));
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  );
  // The path of the metrics is configured, so it is no fixed route.
  expect(described.sort()).toEqual([...there, 'GET /metrics'].sort());
});

it('refers to the schemas that have a name, but for what only the text about events names', () => {
  const text = OPENAPI_DOCUMENT;
  const names = Object.keys(document.components.schemas);
  const unused = names.filter((name) => !text.includes(`"$ref":"#/components/schemas/${name}"`));
  expect(unused).toEqual(['CollectedEvent']);
  expect(document.paths['/api/v1/events']?.get).toMatchObject({
    description: expect.stringContaining('CollectedEvent'),
  });
});
