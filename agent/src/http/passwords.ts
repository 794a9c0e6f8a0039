import { createHmac, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { BcryptThread } from './bcrypt-thread.ts';

/** Right passwords that are remembered, and clients that had one. */
const MAX_KNOWN = 100;
/** Comparisons that wait: of clients that never had a right password, and of one client. */
const MAX_WAITING = 64;
const MAX_WAITING_OF_CLIENT = 4;

interface Job {
  readonly client: string;
  readonly password: string;
  readonly hash: string;
  settle(outcome: Promise<boolean>): void;
}

/**
 * Basic auth's passwords. Right ones are remembered under a keyed hash, so a scraper costs one comparison; others
 * wait in a queue in which clients take turns, those first that have been right before.
 */
export class Passwords {
  readonly #thread = new BcryptThread();
  /** What is remembered is of no use without this. */
  readonly #key = randomBytes(32);
  readonly #right = new Set<string>();
  readonly #trusted = new Set<string>();
  readonly #pending = new Map<string, Promise<boolean>>();
  #queue: Job[] = [];
  #isWorking = false;
  #lastClient = '';
  #users: Readonly<Record<string, string>> = {};

  /** Names with bcrypt hashes. */
  use(users: Readonly<Record<string, string>>): void {
    this.#users = users;
  }

  /** Whether this very password is being compared: then who asks for it, too, tries nothing new. */
  isPending(user: string, password: string): boolean {
    return this.#pending.has(this.#memo(user, this.#hashOf(user), password));
  }

  /** Whether it is the user's password; `busy` if too many wait already. */
  async verify(user: string, password: string, client: string): Promise<boolean | 'busy'> {
    // Who is no user is compared with somebody's hash, and refused whatever comes of it: the time tells nothing.
    const isUser = Object.hasOwn(this.#users, user);
    const hash = this.#hashOf(user);
    const memo = this.#memo(user, hash, password);
    if (isUser && this.#right.has(memo)) {
      remember(this.#trusted, client);
      return true;
    }
    let pending = this.#pending.get(memo);
    if (!pending) {
      if (!this.#hasRoomFor(client)) return 'busy';
      const { promise, resolve } = Promise.withResolvers<boolean>();
      this.#pending.set(memo, promise);
      this.#queue.push({ client, password, hash, settle: resolve });
      pending = promise;
      if (!this.#isWorking) void this.#work();
    }
    const isRight = await pending.finally(() => this.#pending.delete(memo));
    if (!isRight || !isUser) return false;
    remember(this.#right, memo);
    remember(this.#trusted, client);
    return true;
  }

  async close(): Promise<void> {
    this.#queue = [];
    await this.#thread.close();
  }

  #hasRoomFor(client: string): boolean {
    const ofClient = this.#queue.filter((job) => job.client === client).length;
    if (ofClient >= MAX_WAITING_OF_CLIENT) return false;
    return this.#trusted.has(client) || this.#queue.length < MAX_WAITING;
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let job = this.#next(); job; job = this.#next()) {
      this.#lastClient = job.client;
      const started = performance.now();
      const outcome = this.#thread.compare({ password: job.password, hash: job.hash });
      job.settle(outcome);
      const isRight = await outcome.catch(() => false);
      // Strangers get half of a core at most.
      if (!isRight && !this.#queue.some(({ client }) => this.#trusted.has(client))) {
        await delay(performance.now() - started, undefined, { ref: false });
      }
    }
    this.#isWorking = false;
  }

  #next(): Job | undefined {
    const index = [
      this.#queue.findIndex(({ client }) => this.#trusted.has(client)),
      this.#queue.findIndex(({ client }) => client !== this.#lastClient),
      0,
    ].find((found) => found >= 0);
    return index === undefined ? undefined : this.#queue.splice(index, 1)[0];
  }

  #hashOf(user: string): string {
    if (Object.hasOwn(this.#users, user)) return this.#users[user] ?? '';
    const hashes = Object.values(this.#users);
    return hashes[this.#digest(user).readUInt32BE() % hashes.length] ?? '';
  }

  #memo(user: string, hash: string, password: string): string {
    return this.#digest(user, hash, password).toString('base64');
  }

  #digest(...texts: string[]): Buffer {
    return createHmac('sha256', this.#key).update(JSON.stringify(texts)).digest();
  }
}

function remember(set: Set<string>, value: string): void {
  set.delete(value);
  set.add(value);
  const [longestAgo] = set;
  if (set.size > MAX_KNOWN && longestAgo !== undefined) set.delete(longestAgo);
}
