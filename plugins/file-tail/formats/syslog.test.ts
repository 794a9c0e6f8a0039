import { describe, expect, it } from 'vitest';
import { readAll, readFields } from '../test/read-fields.ts';
import { syslog, syslogRfc3164, syslogRfc5424 } from './syslog.ts';

const OLD = "<34>Oct  9 22:14:15 mymachine su[231]: 'su root' failed for lonvick on /dev/pts/8";
const OLD_FIELDS = {
  severity: 'crit',
  facility: 'auth',
  priority: '34',
  time: 'Oct  9 22:14:15',
  hostname: 'mymachine',
  app_name: 'su',
  proc_id: '231',
  message: "'su root' failed for lonvick on /dev/pts/8",
};
const NEW =
  '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 ' +
  '[exampleSDID@32473 iut="3" eventSource="App\\"lic\\]ation\\\\" eventID="1011"][examplePriority@32473 class="high"] ' +
  '\uFEFFAn application event log entry…';
const NEW_FIELDS = {
  severity: 'notice',
  facility: 'local4',
  priority: '165',
  time: '2003-10-11T22:14:15.003Z',
  hostname: 'mymachine.example.com',
  app_name: 'evntslog',
  msg_id: 'ID47',
  message: 'An application event log entry…',
};

describe('syslog-rfc3164', () => {
  const cases: [line: string, fields: object | null][] = [
    [OLD, OLD_FIELDS],
    [
      'Nov 21 09:00:01 web-1 postfix/smtpd[812]: connect from unknown[203.0.113.7]',
      {
        time: 'Nov 21 09:00:01',
        hostname: 'web-1',
        app_name: 'postfix/smtpd',
        proc_id: '812',
        message: 'connect from unknown[203.0.113.7]',
      },
    ],
    [
      '2025-10-10T13:55:36.123456+02:00 web-1 kernel: [    0.000000] Linux version 6.1',
      {
        time: '2025-10-10T13:55:36.123456+02:00',
        hostname: 'web-1',
        app_name: 'kernel',
        message: '[    0.000000] Linux version 6.1',
      },
    ],
    [
      'Nov 21 09:00:01 web-1 last message repeated 3 times',
      { time: 'Nov 21 09:00:01', hostname: 'web-1', message: 'last message repeated 3 times' },
    ],
    [
      '<0>Nov 21 2025 09:00:01 fw %ASA-6-302013: Built',
      {
        severity: 'emerg',
        facility: 'kern',
        priority: '0',
        time: 'Nov 21 2025 09:00:01',
        hostname: 'fw',
        app_name: '%ASA-6-302013',
        message: 'Built',
      },
    ],
    ['<192>Nov 21 09:00:01 a b: c', null],
    ['Segmentation fault', null],
    [NEW, null],
  ];
  for (const [line, fields] of cases) {
    it(line.slice(0, 60), () => expect(readAll(syslogRfc3164, line)).toEqual(fields));
  }
});

describe('syslog-rfc5424', () => {
  it('gives each field, without the dashes and the byte order mark', () => {
    expect(readAll(syslogRfc5424, NEW)).toEqual(NEW_FIELDS);
    expect(readAll(syslogRfc5424, '<13>1 - - - - - -')).toEqual({
      severity: 'notice',
      facility: 'user',
      priority: '13',
    });
  });

  it('gives parameters of the structured data by id and name', () => {
    const fields = ['exampleSDID@32473.eventSource', 'exampleSDID@32473.iut', 'examplePriority@32473.class'];
    const others = ['exampleSDID@32473.class', 'exampleSDID@32473', 'example.class', ''];
    expect(
      readFields(
        syslogRfc5424,
        NEW,
        [...fields, ...others].map((name) => `data.${name}`),
      ),
    ).toEqual({
      'data.exampleSDID@32473.eventSource': 'App"lic]ation\\',
      'data.exampleSDID@32473.iut': '3',
      'data.examplePriority@32473.class': 'high',
    });
    const dots = '<13>1 - - - - - [a.b c="1"][a b.c="2" x="3"] hi';
    expect(readFields(syslogRfc5424, dots, ['data.a.b.c', 'data.a.x', 'message'])).toEqual({
      'data.a.b.c': '1',
      'data.a.x': '3',
      message: 'hi',
    });
  });

  it('takes no line whose structured data does not end', () => {
    for (const data of ['[a', '[a b="1]', '[a b="1"', '[a b=1]', '[]', 'x']) {
      expect(readFields(syslogRfc5424, `<13>1 - - - - - ${data}`, ['severity'])).toBeNull();
    }
  });
});

describe('syslog', () => {
  it('tells the form by the line', () => {
    expect(readAll(syslog, OLD)).toEqual(OLD_FIELDS);
    expect(readAll(syslog, NEW)).toEqual(NEW_FIELDS);
    // What the line before it had is not there any more.
    const fields = ['msg_id', 'proc_id'];
    const extractor = syslog.extractor(fields);
    expect([...(extractor.exec(NEW) as string[])]).toEqual(['ID47', undefined]);
    expect([...(extractor.exec(OLD) as string[])]).toEqual([undefined, '231']);
    expect([...(extractor.exec(NEW) as string[])]).toEqual(['ID47', undefined]);
    expect(extractor.exec('<13>x')).toBeNull();
  });
});
