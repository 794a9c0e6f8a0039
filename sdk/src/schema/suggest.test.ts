import { describe, expect, it } from 'vitest';
import { fixForUnknown } from './suggest.ts';

const PLUGINS = ['db-pool', 'file-tail', 'http-json', 'http-probe', 'queue-depth'];

describe('what to do about an unknown word', () => {
  it.each([
    ['http-prob', 'did you mean "http-probe"?'],
    ['HTTP_PROBE', 'did you mean "http-probe"?'],
    ['queue', 'did you mean "queue-depth"?'],
    ['tail', 'did you mean "file-tail"?'],
    ['http', 'the plugins are: db-pool, file-tail, http-json, http-probe, queue-depth'],
    ['kafka', 'the plugins are: db-pool, file-tail, http-json, http-probe, queue-depth'],
    ['', 'the plugins are: db-pool, file-tail, http-json, http-probe, queue-depth'],
  ])('%j', (word, fix) => {
    expect(fixForUnknown(word, PLUGINS, 'the plugins are')).toBe(fix);
  });

  it('is to remove it where there is none', () => {
    expect(fixForUnknown('x', [], 'known keys are')).toBe('remove it');
  });
});
