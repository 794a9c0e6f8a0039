import { expect, it } from 'vitest';
import { CheckedFiles } from './checked-files.ts';
import { formatDiagnostic } from './diagnostic.ts';
import { loadConfig } from './load.ts';

it('loading again gives what loading for the first time would give, whatever has changed', async () => {
  const files = new Map<string, string>();
  const io = {
    env: { V: '1' },
    async readFile(file: string) {
      const text = files.get(file);
      if (text === undefined) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      return Buffer.from(text);
    },
    glob: async () => [...files.keys()].filter((file) => file.startsWith('/etc/c/')),
  };
  const kept = new CheckedFiles(io.env);
  const MAIN = 'include: [c/*.yaml]\nresources:\n  a: {plugin: p, config: {v: "${V}", s: "${file:s}"}}\n';
  const steps: [string, string | undefined][] = [
    ['/etc/informer.yaml', MAIN],
    ['/etc/s', 'secret'],
    ['/etc/s', 'changed'],
    ['/etc/c/b.yaml', 'resources: {b: {plugin: p}}'],
    ['/etc/c/b.yaml', 'resources: {a: {plugin: p}}'],
    ['/etc/informer.yaml', MAIN.replace('"${file:s}"', '"${file:t}"')],
    ['/etc/t', 'other'],
    ['/etc/c/b.yaml', undefined],
    ['/etc/informer.yaml', MAIN.replace('  a:', '  a')],
    ['/etc/informer.yaml', MAIN],
    ['/etc/informer.yaml', undefined],
    ['/etc/informer.yaml', MAIN],
  ];
  for (const [file, text] of steps) {
    if (text === undefined) files.delete(file);
    else files.set(file, text);
    const again = await loadConfig('/etc/informer.yaml', io, kept);
    const anew = await loadConfig('/etc/informer.yaml', io);
    expect(again.issues.map(formatDiagnostic)).toEqual(anew.issues.map(formatDiagnostic));
    expect(again).toEqual(anew);
  }
});
