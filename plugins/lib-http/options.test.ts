import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../test/support/temp.ts';
import { checkAuth, readAuth } from './auth.ts';
import { checkTls, readTls } from './tls.ts';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder('http-options');
});
afterAll(() => folder[Symbol.asyncDispose]());

describe('authentication', () => {
  it('reads secrets from files, relative to the configuration, without the last line break', async () => {
    await writeFile(join(folder.path, 'token'), 'abc\n');
    expect(
      await readAuth({ authorization: { type: 'Bearer', credentials_file: 'token' } }, folder.path),
    ).toEqual({ authorization: 'Bearer abc' });
    expect(await readAuth({ basic_auth: { username: 'u', password_file: 'token' } }, folder.path)).toEqual({
      authorization: `Basic ${Buffer.from('u:abc').toString('base64')}`,
    });
  });

  it('names key and file when a file is missing', async () => {
    const reading = readAuth({ basic_auth: { username: 'u', password_file: 'none' } }, folder.path);
    await expect(reading).rejects.toMatchObject({
      class: 'target',
      message: `basic_auth.password_file: the file "${join(folder.path, 'none')}" can not be read (ENOENT).`,
    });
  });

  it('refuses a secret that a header can not hold, without showing it', async () => {
    await writeFile(join(folder.path, 'two-lines'), 'hidden\nlines\n');
    const config = { authorization: { type: 'Bearer', credentials_file: 'two-lines' } };
    await expect(readAuth(config, folder.path)).rejects.toMatchObject({
      class: 'target',
      message: 'authorization: the value holds a character that a header can not.',
    });
  });

  it.each([
    [
      { basic_auth: { username: 'u' }, authorization: { type: 'Bearer', credentials: 'x' } },
      ['authorization'],
    ],
    [{ authorization: { type: 'Bearer' } }, ['authorization']],
    [{ authorization: { type: 'Bearer', credentials: 'hidden\n' } }, ['authorization', 'credentials']],
    [{ basic_auth: { username: 'u', password: 'x', password_file: 'y' } }, ['basic_auth', 'password_file']],
    [{ headers: { 'X Bad': 'x' } }, ['headers', 'X Bad']],
    [{ headers: { 'X-Key': 'hidden\r\nX-Other: 1' } }, ['headers', 'X-Key']],
  ])('refuses %j', (config, path) => {
    const problems = [...checkAuth(config)];
    expect(problems).toMatchObject([{ path }]);
    expect(JSON.stringify(problems)).not.toContain('hidden');
  });
});

describe('TLS options', () => {
  it('go without a context of their own when no file is named', async () => {
    expect(await readTls(undefined, folder.path)).toEqual({ verify: true });
    expect(await readTls({ insecure_skip_verify: true, server_name: 'a' }, folder.path)).toEqual({
      verify: false,
      serverName: 'a',
    });
  });

  it('name the files that OpenSSL does not accept', async () => {
    await writeFile(join(folder.path, 'bad.pem'), 'not a certificate');
    await expect(readTls({ cert_file: 'bad.pem', key_file: 'bad.pem' }, folder.path)).rejects.toMatchObject({
      class: 'target',
      message: expect.stringMatching(
        /^tls\.cert_file, tls\.key_file: OpenSSL does not accept them \(.+\)\.$/,
      ),
    });
  });

  it('want certificate and key together', () => {
    expect([...checkTls({ cert_file: 'a' })]).toMatchObject([{ path: ['tls', 'cert_file'] }]);
    expect([...checkTls({ key_file: 'a' })]).toMatchObject([{ path: ['tls', 'key_file'] }]);
    expect([...checkTls({ cert_file: 'a', key_file: 'a' })]).toEqual([]);
  });
});
