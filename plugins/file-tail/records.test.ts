import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '@dynamic-informer/sdk';
import { MemoryState, openForTest } from '@dynamic-informer/sdk/testing';
import { describe, expect, it } from 'vitest';
import plugin from './index.ts';
import {
  allOnce,
  CollectorProcess,
  type Counted,
  NUMBERED,
  temporaryFolder,
  writers,
} from './test/support.ts';
import type { Mode } from './test/writer.ts';

const JAVA = `2026-11-21 10:00:00 INFO  started
2026-11-21 10:00:01 ERROR request failed
java.lang.IllegalStateException: no connection
	at com.example.Pool.take(Pool.java:42)
	at com.example.Main.main(Main.java:7)
Caused by: java.net.ConnectException: refused
	... 12 more
2026-11-21 10:00:02 ERROR request failed
java.lang.NullPointerException
	at com.example.Main.main(Main.java:9)
`;
const PYTHON = `INFO:root:started
ERROR:root:failed
Traceback (most recent call last):
  File "app.py", line 3, in <module>
    main()
    ~~~~^^
ValueError: invalid literal
INFO:root:going on
`;
const GO = `2026/11/21 10:00:00 listening
panic: runtime error: index out of range [3]

goroutine 1 [running]:
main.main()
	/src/main.go:8 +0x1d
exit status 2
2026/11/21 10:00:01 listening
`;

/** A clock that a test puts forward. */
function movableClock() {
  let ahead = 0;
  const clock = { ...systemClock, monotonic: () => performance.now() + ahead };
  return { clock, skip: (milliseconds: number) => (ahead += milliseconds) };
}

const ERRORS = (match: string) => [
  { match, metrics: [{ name: 'errors_total', type: 'counter', labels: { error: 'error' } }] },
];
const RECORDS = [{ match: '^', metrics: [{ name: 'records_total', type: 'counter' }] }];

describe('a record of several lines is matched as one', () => {
  const cases: {
    name: string;
    log: string;
    multiline: object;
    match: string;
    errors: string[];
    records: number;
  }[] = [
    {
      name: 'a Java stack trace, by how a record starts',
      log: JAVA,
      multiline: { start: '^\\d{4}-\\d\\d-\\d\\d ' },
      match: ' ERROR .*\\n(?<error>[\\w.]+)',
      errors: ['java.lang.IllegalStateException', 'java.lang.NullPointerException'],
      records: 3,
    },
    {
      name: 'a Python traceback, by how a line continues one',
      log: PYTHON,
      multiline: { continue: '^(\\s|Traceback |[\\w.]+(Error|Exception)\\b)' },
      match: 'Traceback[^]*\\n(?<error>\\w+): ',
      errors: ['ValueError'],
      records: 3,
    },
    {
      name: 'a Go panic, by how a record starts',
      log: GO,
      multiline: { start: '^(\\d{4}/\\d\\d/\\d\\d |panic: |fatal error: )' },
      match: '^panic: (?<error>[^:\\n]+)[^]*goroutine 1 ',
      errors: ['runtime error'],
      records: 3,
    },
    {
      name: 'a statement, by how it ends',
      log: 'SELECT 1\n  FROM a;\nDELETE\n  FROM b\n  WHERE c;\n',
      multiline: { end: ';$' },
      match: '^(?<error>\\w+)\\s[^]*FROM',
      errors: ['SELECT', 'DELETE'],
      records: 2,
    },
  ];
  for (const { name, log, multiline, match, errors, records } of cases) {
    it(name, async () => {
      await using folder = await temporaryFolder();
      const file = path.join(folder.path, 'app.log');
      writeFileSync(file, log);
      const { clock, skip } = movableClock();
      const config = { files: [file], multiline, patterns: [...RECORDS, ...ERRORS(match)] };
      await using collector = await openForTest(plugin, config, { clock });
      await collector.collect();
      skip(1000);
      const { value } = await collector.collect();
      for (const error of errors) expect(value('errors_total', { error })).toBe(1);
      expect(value('records_total')).toBe(records);
      expect(value('file_tail_lines_total', { path: file })).toBe(log.split('\n').length - 1);
      expect(value('file_tail_bytes_total', { path: file })).toBe(log.length);
    });
  }
});

describe('a record is complete', () => {
  const START = { start: '^\\d' };

  it('when nothing has followed for the timeout, which begins anew with each line', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    writeFileSync(file, '1 a\n');
    const { clock, skip } = movableClock();
    const config = { files: [file], multiline: { ...START, timeout: '1h' }, patterns: RECORDS };
    await using collector = await openForTest(plugin, config, { clock });
    expect((await collector.collect()).value('records_total')).toBe(0);
    skip(3_000_000);
    appendFileSync(file, ' b\n');
    expect((await collector.collect()).value('file_tail_lines_total')).toBe(0);
    skip(3_000_000);
    expect((await collector.collect()).value('records_total')).toBe(0);
    skip(1_000_000);
    const { value } = await collector.collect();
    expect([value('records_total'), value('file_tail_lines_total')]).toEqual([1, 2]);
  });

  it('at max_lines, and what follows is another', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    writeFileSync(file, `1 a\n${' b\n'.repeat(8)}2 c\n`);
    const config = { files: [file], multiline: { ...START, max_lines: 4, timeout: '1h' }, patterns: RECORDS };
    await using collector = await openForTest(plugin, config);
    const { value } = await collector.collect();
    expect([value('records_total'), value('file_tail_lines_total')]).toEqual([3, 9]);
  });

  it('at max_line_length, and is counted as one that is too long', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    writeFileSync(file, `1 ${'a'.repeat(100)}\n${' b\n'.repeat(50)}2 ${'c'.repeat(62)}\n3\n`);
    const config = {
      files: [file],
      multiline: { ...START, timeout: '1h' },
      max_line_length: 64,
      patterns: [{ match: '^[^]{64}$', metrics: [{ name: 'cut_total', type: 'counter' }] }],
    };
    await using collector = await openForTest(plugin, config);
    const { value } = await collector.collect();
    expect([value('cut_total'), value('file_tail_oversized_lines_total')]).toEqual([2, 1]);
  });

  it('when its file is emptied: its lines are in no file any more', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    writeFileSync(file, '1 a\n b\n');
    const config = { files: [file], multiline: { ...START, timeout: '1h' }, patterns: RECORDS };
    await using collector = await openForTest(plugin, config);
    await collector.collect();
    truncateSync(file);
    appendFileSync(file, '2 c\n');
    const { value } = await collector.collect();
    expect([value('records_total'), value('file_tail_lines_total')]).toEqual([1, 2]);
  });

  it('not when its file is rotated: its writer goes on', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    writeFileSync(file, '1 a\n b\n');
    const { clock, skip } = movableClock();
    const config = { files: [file], multiline: { ...START, timeout: '1h' }, patterns: RECORDS };
    await using collector = await openForTest(plugin, config, { clock });
    await collector.collect();
    renameSync(file, `${file}.1`);
    writeFileSync(file, '2 d\n3 e\n');
    expect((await collector.collect()).value('records_total')).toBe(1);
    appendFileSync(`${file}.1`, ' c');
    await collector.collect();
    skip(5000);
    const { value } = await collector.collect();
    expect([value('records_total'), value('file_tail_lines_total')]).toEqual([2, 4]);
  });
});

describe('an unfinished record or line', () => {
  it('counts once, whole, when the collector is opened again in its middle', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    const state = new MemoryState();
    const log = `${JAVA}2026-11-21 10:00:03 INFO  end\n2026-11-21 10:00:04 INFO  not counted yet\n`;
    const config = {
      files: [file],
      multiline: { start: '^\\d{4}-\\d\\d-\\d\\d ', timeout: '1h' },
      patterns: [...RECORDS, ...ERRORS('^2026.*ERROR.*\\n(?<error>[\\w.]+)[^]*Main\\.java:\\d\\)')],
    };
    for (let at = 0; at < log.length; at += 66) {
      await using collector = await openForTest(plugin, config, { state });
      for (const piece of [log.slice(at, at + 25), log.slice(at + 25, at + 66)]) {
        appendFileSync(file, piece);
        await collector.collect();
      }
    }
    await using collector = await openForTest(plugin, config, { state });
    const { value } = await collector.collect();
    expect(value('records_total')).toBe(4);
    expect(value('errors_total', { error: 'java.lang.IllegalStateException' })).toBe(1);
    expect(value('errors_total', { error: 'java.lang.NullPointerException' })).toBe(1);
    expect(value('file_tail_lines_total')).toBe(JAVA.split('\n').length);
    expect(value('file_tail_bytes_total')).toBe(log.lastIndexOf('2026'));
    expect(value('file_tail_truncations_total')).toBe(0);
  });

  it('counts once when the collector is opened again after a record that was complete in time, in the line behind it', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    const state = new MemoryState();
    const { clock, skip } = movableClock();
    const config = { files: [file], multiline: { start: '^\\d' }, patterns: RECORDS };
    writeFileSync(file, '0\n1 a\n b\n2');
    {
      await using collector = await openForTest(plugin, config, { state, clock });
      await collector.collect();
      skip(1000);
      expect((await collector.collect()).value('records_total')).toBe(2);
    }
    appendFileSync(file, ' c\n3 d\n');
    await using collector = await openForTest(plugin, config, { state });
    const { value } = await collector.collect();
    expect([value('records_total'), value('file_tail_lines_total')]).toEqual([3, 4]);
    expect(value('file_tail_truncations_total')).toBe(0);
  });

  it('counts once when the collector is killed again and again, through rotations', {
    timeout: 120_000,
  }, async () => {
    await using folder = await temporaryFolder();
    const modes: Mode[] = ['rename-and-hold'];
    const lines = 3000;
    const config = {
      files: [`${folder.path}/*/app.log*`],
      multiline: { end: '[05] of', timeout: '30ms' },
      patterns: [
        { ...NUMBERED[0], match: '(?:^|\\n)line (?<number>\\d*[05]) of (?<mode>[a-z-]+) with ünïcode$' },
      ],
    };
    const exposed: Counted[] = [];
    const open = () =>
      new CollectorProcess(path.join(folder.path, 'state'), config, modes, (now) => exposed.push(now));
    const count = (counted: Counted | undefined) => counted?.['rename-and-hold']?.[0] ?? 0;
    let collector = open();
    await collector.until(() => true);
    using writing = writers(folder.path, modes, lines, 500);
    for (let killed = 1; killed <= 3; killed++) {
      await collector.until((now) => count(now) >= killed * 120);
      await collector.kill();
      collector = open();
    }
    await collector.until((now) => writing.areDone && count(now) >= lines / 5);
    await collector.kill();
    const [records = 0, sum = 0] = allOnce(lines / 5, modes)['rename-and-hold'] ?? [];
    expect(exposed.at(-1)).toEqual({ 'rename-and-hold': [records, 5 * sum] });
  });
});

describe('files in UTF-16', () => {
  const WORDS = [
    {
      match: '^(?<word>\\w+) ünïcode$',
      metrics: [{ name: 'words_total', type: 'counter', labels: { word: 'word' } }],
    },
  ];
  const utf16le = (text: string) => Buffer.from(text, 'utf16le');

  it('are known by their mark, after a restart in the middle of a line too', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    const state = new MemoryState();
    const bytes = utf16le('\ufeffone ünïcode\r\ntwo ünïcode\r\nthree ünïcode\r\n');
    for (let at = 0; at < bytes.length; at += 9) {
      appendFileSync(file, bytes.subarray(at, at + 9));
      await using collector = await openForTest(plugin, { files: [file], patterns: WORDS }, { state });
      await collector.collect();
    }
    await using collector = await openForTest(plugin, { files: [file], patterns: WORDS }, { state });
    const { value } = await collector.collect();
    for (const word of ['one', 'two', 'three']) expect(value('words_total', { word })).toBe(1);
    expect([value('file_tail_lines_total'), value('file_tail_bytes_total')]).toEqual([3, bytes.length]);
  });

  it('are read from the end when told so, in an encoding that is configured', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'app.log');
    writeFileSync(file, utf16le('history ünïcode\nhalf').swap16());
    const config = { files: [file], read_from: 'end', encoding: 'utf-16be', patterns: WORDS };
    await using collector = await openForTest(plugin, config);
    appendFileSync(file, utf16le(' ünïcode\nnext ünïcode\n').swap16());
    const { value } = await collector.collect();
    expect(value('words_total', { word: 'history' })).toBeUndefined();
    expect(value('file_tail_lines_total')).toBe(2);
    expect(value('words_total', { word: 'next' })).toBe(1);
  });
});

it('lines that are no text in the configured encoding are counted as such, and matched all the same', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'app.log');
  writeFileSync(file, Buffer.from('one f\u00fcr\ntwo\nthree \u00e7a\n', 'latin1'));
  const valuesWith = async (encoding: string) => {
    await using collector = await openForTest(plugin, { files: [file], encoding, patterns: RECORDS });
    const { value } = await collector.collect();
    return [value('records_total'), value('file_tail_decoding_errors_total', { path: file })];
  };
  expect(await valuesWith('utf-8')).toEqual([3, 2]);
  expect(await valuesWith('latin1')).toEqual([3, 0]);
});

describe('room for what is unfinished', () => {
  it('is shared: the longest lines of many files are cut, none is lost, and short ones are whole', async () => {
    await using folder = await temporaryFolder();
    const files = Array.from({ length: 40 }, (_, index) => path.join(folder.path, `${index}.log`));
    for (const file of files) writeFileSync(file, 'x'.repeat(60_000));
    writeFileSync(path.join(folder.path, 'short.log'), 'short and ');
    const config = {
      files: [path.join(folder.path, '*.log')],
      max_buffered: '256KiB',
      patterns: [
        { match: '^x{4000}', metrics: [{ name: 'long_total', type: 'counter' }] },
        { match: '^short and whole$', metrics: [{ name: 'whole_total', type: 'counter' }] },
      ],
    };
    await using collector = await openForTest(plugin, config);
    await collector.collect();
    for (const file of files) appendFileSync(file, 'x\n');
    appendFileSync(path.join(folder.path, 'short.log'), 'whole\n');
    const { value } = await collector.collect();
    expect([value('long_total'), value('whole_total')]).toEqual([40, 1]);
    const oversized = files.map((file) => value('file_tail_oversized_lines_total', { path: file }) ?? 0);
    expect(oversized.filter((count) => count === 1).length).toBeGreaterThanOrEqual(36);
    expect(value('file_tail_oversized_lines_total', { path: path.join(folder.path, 'short.log') })).toBe(0);
  });
});
