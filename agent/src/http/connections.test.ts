import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { Connections } from './connections.ts';

/** As much of a socket as counts here. */
class End extends EventEmitter {
  static #ports = 0;
  readonly remoteAddress = '10.0.0.1';
  readonly remotePort = ++End.#ports;
  isOpen = true;

  destroy(): this {
    this.isOpen = false;
    this.emit('close');
    return this;
  }
}

const many = (connections: Connections, client: string, count: number) =>
  Array.from({ length: count }, () => {
    const end = new End();
    return { end, isIn: connections.admit(end as unknown as Socket, client) };
  });
const openOf = (ends: readonly { readonly end: End; readonly isIn: boolean }[]) =>
  ends.filter(({ end, isIn }) => isIn && end.isOpen).length;
const begin = (connections: Connections, end: End) => connections.begin(end as unknown as Socket);

it('lets a client have 128 connections, and ends its oldest that waits for nothing', () => {
  const connections = new Connections();
  const first = many(connections, 'a', 128);
  for (const { end } of first.slice(0, 3)) expect(begin(connections, end)).toBe('ok');
  const more = many(connections, 'a', 10);
  expect([openOf(first), openOf(more)]).toEqual([118, 10]);
  expect(first.slice(0, 3).every(({ end }) => end.isOpen)).toBe(true);
});

it('refuses one more of a client whose connections are all busy', () => {
  const connections = new Connections();
  for (const { end } of many(connections, 'a', 128)) begin(connections, end);
  expect(openOf(many(connections, 'a', 1))).toBe(0);
  expect(openOf(many(connections, 'b', 1))).toBe(1);
});

it('always has room for who has few, also where others keep all of theirs busy', () => {
  const connections = new Connections();
  const crowd = ['a', 'b', 'c', 'd'].flatMap((client) => many(connections, client, 128));
  for (const { end } of crowd) begin(connections, end);
  const scraper = many(connections, 'scraper', 2);
  expect(openOf(scraper)).toBe(2);
  expect(openOf(crowd)).toBe(510);
  for (const { end } of scraper) begin(connections, end);
  many(connections, 'a', 5);
  expect(openOf(scraper)).toBe(2);
});

it('bounds what waits for an answer on a connection, and of a client', () => {
  const connections = new Connections();
  const [one, ...others] = many(connections, 'a', 20).map(({ end }) => end);
  if (!one) throw new Error('There is no connection.');
  for (let n = 0; n < 16; n++) expect(begin(connections, one)).toBe('ok');
  expect(begin(connections, one)).toBe('too many of the connection');
  connections.end(one as unknown as Socket);
  const outcomes = others.flatMap((end) => [1, 2, 3].map(() => begin(connections, end)));
  expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(48);
  expect(outcomes.at(-1)).toBe('too many of the client');
  for (let n = 0; n < 16; n++) connections.end(one as unknown as Socket);
  expect(begin(connections, one)).toBe('ok');
});
