import { afterEach, expect, it } from 'vitest';
import { Passwords } from './passwords.ts';

/** Of "open sesame" and "let-bob-in", at the lowest cost. */
const ALICE = '$2b$04$AWgxrVYjkYnEHU1EqkoHZ.SB/H0oicsCFX5TanKIbFbA8dq2ICsuW';
const BOB = '$2y$04$Vf3xU55MeytYDhTyqypdb.xTaWwip8pFBfvlyeMmjH5G./BRAo2dy';

let passwords: Passwords;
afterEach(() => passwords.close());

function withUsers(users: Readonly<Record<string, string>>): Passwords {
  passwords = new Passwords();
  passwords.use(users);
  return passwords;
}

it('knows the right password of each user, and nobody else', async () => {
  const { verify } = bound(withUsers({ alice: ALICE, bob: BOB }));
  expect(await verify('alice', 'open sesame')).toBe(true);
  expect(await verify('alice', 'open sesame')).toBe(true);
  expect(await verify('bob', 'let-bob-in')).toBe(true);
  expect(await verify('alice', 'let-bob-in')).toBe(false);
  expect(await verify('bob', '')).toBe(false);
  for (const user of ['nobody', '', '__proto__', 'constructor']) {
    for (const password of ['open sesame', 'let-bob-in']) expect(await verify(user, password)).toBe(false);
  }
});

it('forgets a user that is gone, also where another has the same password', async () => {
  const { verify } = bound(withUsers({ alice: ALICE, bob: ALICE }));
  expect(await verify('alice', 'open sesame')).toBe(true);
  passwords.use({ bob: ALICE });
  expect(await verify('alice', 'open sesame')).toBe(false);
  expect(await verify('bob', 'open sesame')).toBe(true);
  passwords.use({ alice: BOB, bob: ALICE });
  expect(await verify('alice', 'open sesame')).toBe(false);
});

it('compares once what many ask at one time', async () => {
  withUsers({ alice: ALICE });
  const asked = Array.from({ length: 50 }, () => passwords.verify('alice', 'open sesame', 'a'));
  expect(passwords.isPending('alice', 'open sesame')).toBe(true);
  expect(passwords.isPending('alice', 'another')).toBe(false);
  expect(new Set(await Promise.all(asked))).toEqual(new Set([true]));
  expect(passwords.isPending('alice', 'open sesame')).toBe(false);
});

it('lets few wait of one client, and some of all, but always those that were right before', async () => {
  withUsers({ alice: ALICE, bob: BOB });
  expect(await passwords.verify('bob', 'let-bob-in', 'scraper')).toBe(true);
  const guess = (n: number, client: string) => passwords.verify('alice', `guess ${client} ${n}`, client);
  const ofOne = await Promise.all(Array.from({ length: 20 }, (_, n) => guess(n, 'one')));
  expect(ofOne.filter((outcome) => outcome === 'busy').length).toBeGreaterThan(10);
  expect(ofOne.filter((outcome) => outcome === false).length).toBeGreaterThan(0);

  const ofMany = Array.from({ length: 100 }, (_, n) => guess(0, `client ${n}`));
  passwords.use({ alice: ALICE, bob: ALICE });
  // The user's new password, which is not known yet, from where the old one was right.
  expect(await passwords.verify('bob', 'open sesame', 'scraper')).toBe(true);
  expect((await Promise.all(ofMany)).filter((outcome) => outcome === 'busy').length).toBeGreaterThan(20);
});

function bound(subject: Passwords) {
  return { verify: (user: string, password: string) => subject.verify(user, password, 'client') };
}
