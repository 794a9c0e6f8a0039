import { glob, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ACME } from '../support/plugins.ts';
import { informer } from '../support/program.ts';
import { temporaryFolder } from '../support/temp.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function compile(schema: string): ValidateFunction {
  const ajv = new Ajv({ strict: false, logger: false, allErrors: true });
  formats.default(ajv);
  return ajv.compile(JSON.parse(schema));
}

/** What the schema has against a file: paths and keywords. */
function complaints(validate: ValidateFunction, text: string): string[] {
  const isValid = validate(parse(text, { merge: true }));
  return isValid ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

describe('informer init', () => {
  it('writes a configuration that check accepts, its schema for editors beside it, and overwrites neither', async () => {
    await using folder = await temporaryFolder('init');
    const options = { cwd: folder.path };
    expect(await informer(['init'], options)).toMatchObject({ code: 0, stderr: '' });
    expect(await informer(['check'], options)).toMatchObject({ code: 0 });
    const text = await readFile(join(folder.path, 'informer.yaml'), 'utf8');
    const [, named = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];
    const schema = await readFile(join(folder.path, named), 'utf8');
    const validate = compile(schema);
    expect(complaints(validate, text)).toEqual([]);
    expect(complaints(validate, text.replace(/^( +)url:/m, '$1ulr:'))).not.toEqual([]);
    // As the comment says that it is renewed.
    expect((await informer(['check', '--schema'], options)).stdout).toBe(schema);

    const again = await informer(['init'], options);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('is there already');
    await writeFile(join(folder.path, 'other.schema.json'), '{}');
    const other = await informer(['init', 'other.yaml'], options);
    expect(other).toMatchObject({ code: 0, stdout: expect.stringContaining('is there already') });
    expect(await readFile(join(folder.path, 'other.schema.json'), 'utf8')).toBe('{}');
  });
});

describe('informer check --schema', () => {
  it('takes what comes with the agent: each sample, and the quickstart', async () => {
    await using folder = await temporaryFolder('schema');
    const { code, stdout } = await informer(['check', '--schema'], { cwd: folder.path });
    expect(code).toBe(0);
    const validate = compile(stdout);
    const files = ['deploy/quickstart/informer.yaml'];
    for await (const file of glob('plugins/*/sample.yaml', { cwd: root })) files.push(file);
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) {
      const text = await readFile(join(root, file), 'utf8');
      expect(complaints(validate, text), file).toEqual([]);
    }
  });

  it("holds the configuration's own plugins, and says what it could not load", async () => {
    await using folder = await temporaryFolder('schema');
    await mkdir(join(folder.path, 'plugins'));
    await writeFile(join(folder.path, 'plugins', 'acme.ts'), ACME);
    await writeFile(join(folder.path, 'broken.ts'), 'throw new Error("no such broker");');
    const file = join(folder.path, 'informer.yaml');
    // A mistake elsewhere is no reason to have no schema.
    const config = 'plugin_dirs: [plugins]\nplugins: {broken: {path: ./broken.ts}}\nlimits: {series: x}\n';
    await writeFile(file, config);
    const { code, stdout, stderr } = await informer(['check', '--schema', '--config', file]);
    expect(stderr).toMatch(/^informer: broken: .*no such broker/);
    expect(code).toBe(1);
    const validate = compile(stdout);
    expect(
      complaints(validate, 'resources: {a: {plugin: acme, config: {queues: [q]}}, b: {plugin: broken}}'),
    ).toEqual([]);
    expect(complaints(validate, 'resources: {a: {plugin: acme, config: {queues: q}}}')).not.toEqual([]);
    expect(complaints(validate, 'resources: {a: {plugin: acmee}}')).not.toEqual([]);

    await writeFile(file, '[');
    const unreadable = await informer(['check', '--schema', '--config', file]);
    expect(unreadable).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('informer.yaml:1:2: this is not YAML'),
    });
    expect(complaints(compile(unreadable.stdout), 'resources: {a: {plugin: host}}')).toEqual([]);
  });
});
