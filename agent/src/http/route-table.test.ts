import { expect, it } from 'vitest';
import { RouteTable } from './route-table.ts';

const table = new RouteTable();
table.add('/api/resources', ['GET', 'HEAD']);
table.add('/api/resources/:name', 'GET');
table.add('/api/resources/:name/:what', 'POST');

it.each([
  ['/api/resources', ['GET', 'HEAD']],
  ['/api/resources/a', ['GET']],
  ['/api/resources/a/restart', ['POST']],
  ['/api/resources/', []],
  ['/api', []],
  ['/api/resources/a/b/c', []],
])('%s takes %j', (path, methods) => {
  expect(table.methodsOf(path)).toEqual(methods);
});
