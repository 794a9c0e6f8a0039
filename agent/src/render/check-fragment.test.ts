import { describe, expect, it } from 'vitest';
import type { Fragment } from '../contract.ts';
import { FragmentChecker } from './check-fragment.ts';

const TEXT = 'text;underscores';

const fragment = (text: string, more: Partial<Fragment> = {}): Fragment => ({
  name: 'x_total',
  type: 'counter',
  help: '',
  series: 1,
  bodies: new Map([[TEXT, [Buffer.from(text)]]]),
  ...more,
});

const check = async (given: Fragment): Promise<string | undefined> => {
  const checked = await new FragmentChecker('r').check(given);
  return typeof checked === 'string' ? checked : undefined;
};

describe('FragmentChecker', () => {
  it.each([
    ['one line', fragment('x_total{resource="r"} 1\n')],
    ['labels around', fragment('x_total{a="1",resource="r",z="\\"}, x 1\\n"} 1.5e+06\n')],
    [
      'special values',
      fragment('x_total{resource="r"} +Inf\nx_total{resource="r"} -Inf\nx_total{resource="r"} NaN\n'),
    ],
    ['a timestamp', fragment('x_total{resource="r"} 1 1700000000000\n')],
    ['UTF-8', fragment('x_total{a="é✓",resource="r"} 1\n')],
    [
      'a histogram',
      fragment(
        'h_bucket{resource="r",z="1",le="+Inf"} 3\nh_sum{resource="r",z="1"} 2\nh_count{resource="r",z="1"} 3\n',
        {
          name: 'h',
          type: 'histogram',
        },
      ),
    ],
    ['nothing', fragment('', { series: 0 })],
  ])('accepts %s', async (_name, given) => {
    expect(await check(given)).toBeUndefined();
  });

  it.each([
    ['another family', 'y_total{resource="r"} 1\n', 'a line is of another family'],
    ['a comment', '# TYPE x_total gauge\n', 'a line has no labels'],
    ['a name that only begins alike', 'x_total_more{resource="r"} 1\n', 'a line is of another family'],
    ['no resource', 'x_total{a="b"} 1\n', 'lacks the label "resource"'],
    ["another's resource", 'x_total{resource="other"} 1\n', 'lacks the label "resource"'],
    ['two resources', 'x_total{resource="r",resource="r"} 1\n', 'lacks the label "resource"'],
    ['a label twice', 'x_total{a="1",a="2",resource="r"} 1\n', 'can not be read'],
    ['an open quote', 'x_total{resource="r} 1\n', 'can not be read'],
    ['a bad label name', 'x_total{a-b="1",resource="r"} 1\n', 'can not be read'],
    ['no value', 'x_total{resource="r"}\n', 'a line has no value'],
    ['a value that is none', 'x_total{resource="r"} one\n', 'a value is not a number'],
    ['two timestamps', 'x_total{resource="r"} 1 1700000000000 2\n', 'a value is not a number'],
    ['an exemplar in text', 'x_total{resource="r"} 1 # {} 1\n', 'a value is not a number'],
    ['a missing newline', 'x_total{resource="r"} 1', 'its last line does not end'],
    ['an empty line', '\n', 'a line has no labels'],
    ['labels that go on in the next line', 'x_total{a="\nx_total{resource="r"} 1\n', 'can not be read'],
  ])('refuses %s', async (_name, text, fault) => {
    expect(await check(fragment(text))).toContain(fault);
  });

  it('refuses fewer lines than series', async () => {
    expect(await check(fragment('x_total{resource="r"} 1\n', { series: 2 }))).toBe(
      'it has 1 lines for 2 series',
    );
  });
});

describe('names in quotes', () => {
  const utf8 = (text: string, more: Partial<Fragment> = {}): Fragment =>
    fragment('', {
      name: 'x.y',
      type: 'gauge',
      bodies: new Map([['text;allow-utf-8', [Buffer.from(text)]]]),
      ...more,
    });

  it.each([
    ['a name', '{"x.y",resource="r"} 1\n'],
    ['labels in any order', '{"x.y","b.c"="1",resource="r","a\\"\\\\\\n"="2"} 1\n'],
    ['labels that are not ASCII', '{"x.y","é"="1",resource="r"} 1\n'],
  ])('are accepted where they are asked for: %s', async (_name, text) => {
    expect(await check(utf8(text))).toBeUndefined();
  });

  it('are accepted behind a name of the old form', async () => {
    expect(await check(utf8('x{"b.c"="1",resource="r"} 1\n', { name: 'x' }))).toBeUndefined();
  });

  it.each([
    ['another family', '{"x.z",resource="r"} 1\n', 'a line is of another family'],
    ['a name without quotes', 'x.y{resource="r"} 1\n', 'a line is of another family'],
    ['no resource', '{"x.y"} 1\n', 'a line is of another family'],
    ['another resource', '{"x.y","a.b"="1",resource="o"} 1\n', 'lacks the label "resource"'],
    ['the resource in quotes', '{"x.y","resource"="r"} 1\n', 'can not be read'],
    ['the resource in quotes too', '{"x.y","resource"="o",resource="r"} 1\n', 'can not be read'],
    ['the name as a label', '{"x.y","__name__"="o",resource="r"} 1\n', 'can not be read'],
    ['the name as a label without quotes', '{"x.y",__name__="o",resource="r"} 1\n', 'can not be read'],
    ['a label twice', '{"x.y","a.b"="1",resource="r","a.b"="2"} 1\n', 'can not be read'],
    ['a label twice, escaped otherwise', '{"x.y","a.b"="1",resource="r","a\\.b"="2"} 1\n', 'can not be read'],
    ['a label without a name', '{"x.y",""="1",resource="r"} 1\n', 'can not be read'],
    ['an open name', '{"x.y","a.b=1,resource=r} 1\n', 'can not be read'],
  ])('are refused with %s', async (_name, text, reason) => {
    expect(await check(utf8(text))).toContain(reason);
  });

  it('are refused where old names are asked for', async () => {
    const bodies = new Map([[TEXT, [Buffer.from('x_y{"b.c"="1",resource="r"} 1\n')]]]);
    expect(await check(utf8('', { bodies }))).toContain('can not be read');
    const twice = new Map([[TEXT, [Buffer.from('x_y{b_c="1",resource="r",b_c="2"} 1\n')]]]);
    expect(await check(utf8('', { bodies: twice }))).toContain('can not be read');
  });
});
