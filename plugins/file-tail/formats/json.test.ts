import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFields } from '../test/read-fields.ts';
import { json } from './json.ts';
import { RecordReader } from './record-reader.ts';

const RECORD = JSON.stringify({
  level: 'warn',
  usage: { input_tokens: 12, 'cache.read': 3 },
  choices: [{ finish_reason: 'stop' }, [true]],
  'http.request.method': 'GET',
  http: { request: { id: 'x' }, 'response.code': 200 },
  ok: false,
  took: 1.5e-3,
  user: null,
  empty: '',
});

describe('json', () => {
  it('reads fields by their paths, also where a key has dots itself', () => {
    const found = {
      level: 'warn',
      'usage.input_tokens': '12',
      'usage.cache.read': '3',
      'choices.0.finish_reason': 'stop',
      'choices.1': '[true]',
      'choices.1.0': 'true',
      'http.request.method': 'GET',
      'http.request.id': 'x',
      'http.response.code': '200',
      ok: 'false',
      took: '0.0015',
      empty: '',
    };
    const missing = [
      'user',
      'user.name',
      'nothing',
      'usage.input_tokens.x',
      'level.0',
      'choices.2',
      'choices.length',
    ];
    expect(readFields(json, RECORD, [...Object.keys(found), ...missing])).toEqual(found);
  });

  it('finds level, time and message under their usual names', () => {
    const fields = ['level', 'time', 'message'];
    const lines: [line: string, fields: object][] = [
      ['{"level":30,"time":1760104536000,"msg":"up"}', { level: '30', time: '1760104536000', message: 'up' }],
      [
        '{"severity":"INFO","timestamp":"2025-10-10T13:55:36Z","message":"up"}',
        { level: 'INFO', time: '2025-10-10T13:55:36Z', message: 'up' },
      ],
      [
        '{"@timestamp":"2025-10-10T13:55:36Z","log.level":"error","message":"up"}',
        { level: 'error', time: '2025-10-10T13:55:36Z', message: 'up' },
      ],
      ['{"log":{"level":"error"},"level":null}', { level: 'error' }],
      ['{"lvl":"a","level":"b"}', { level: 'b' }],
    ];
    for (const [line, expected] of lines) expect(readFields(json, line, fields)).toEqual(expected);
  });

  it('takes no line that is not an object', () => {
    for (const line of [
      '',
      'x',
      '[]',
      '[{"a":1}]',
      '"a"',
      '1',
      'null',
      '{',
      '{"a":1} x',
      '{"a":1}{"a":2}',
      "{'a':1}",
    ]) {
      expect([line, readFields(json, line, ['a'])]).toEqual([line, null]);
    }
    expect(readFields(json, ' {"a":1} ', ['a'])).toEqual({ a: '1' });
  });

  it('finds nothing that the line does not say', () => {
    const names = [
      '__proto__',
      'constructor',
      'toString',
      'constructor.name',
      '__proto__.toString',
      'a.length',
      'a.at',
    ];
    expect(readFields(json, '{"a":[1]}', names)).toEqual({});
    const line = '{"__proto__":{"x":1},"constructor":"c","a":{"length":2}}';
    expect(readFields(json, line, ['__proto__.x', 'constructor', 'a.length', 'x'])).toEqual({
      '__proto__.x': '1',
      constructor: 'c',
      'a.length': '2',
    });
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  it('is not led astray by what is nested, repeated, or huge', () => {
    const deep = `{"a":${'['.repeat(500_000)}${']'.repeat(500_000)},"b":1}`;
    expect(readFields(json, deep, ['b'])).toEqual({ b: '1' });
    expect(Object.keys(readFields(json, deep, ['a', 'b']) ?? {})).toContain('b');
    expect(readFields(json, '{"a":1,"a":2}', ['a'])).toEqual({ a: '2' });
    expect(readFields(json, '{"a":1e999,"b":12345678901234567890}', ['a', 'b'])).toEqual({
      a: 'Infinity',
      b: '12345678901234567000',
    });
  });

  it('reads paths of any length', () => {
    const steps = Array.from({ length: 200 }, (_, index) => `k${index}`);
    const line = `${steps.map((step) => `{"${step}":`).join('')}7${'}'.repeat(steps.length)}`;
    expect(readFields(json, line, [steps.join('.')])).toEqual({ [steps.join('.')]: '7' });
  });

  it('finds what was put anywhere, whatever the keys', () => {
    const key = fc.string({ minLength: 1 }).filter((text) => !text.includes('.'));
    fc.assert(
      fc.property(
        fc.array(key, { minLength: 1, maxLength: 5 }),
        fc.string(),
        fc.object(),
        (keys, leaf, beside) => {
          let value: unknown = leaf;
          for (const name of keys.toReversed()) {
            value = Object.defineProperty({ ...beside }, name, { value, enumerable: true });
          }
          const line = JSON.stringify(value);
          expect(new RecordReader([[keys.join('.')]]).read(JSON.parse(line))).toEqual([leaf]);
        },
      ),
    );
  });
});
