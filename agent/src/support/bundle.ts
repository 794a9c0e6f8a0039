import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { createTar } from 'nanotar';
import type { Redactor } from '../redactor.ts';
import { maskedText } from './redact-text.ts';

interface Part {
  readonly name: string;
  readonly about: string;
  readonly text: string;
}

interface Missing {
  readonly what: string;
  readonly why: string;
}

/** An archive's end is two empty blocks, which the library leaves out where a file ends just there. */
const END = Buffer.alloc(1024);

/** The parts of a support bundle, put in as they come, masked when it is packed: by then all secrets are known. */
export class Bundle {
  readonly #redactor: Redactor;
  #parts: Part[] = [];
  readonly #missing: Missing[] = [];

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  add(name: string, about: string, text: string): void {
    this.#parts = [...this.#parts, { name, about, text }].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  addJson(name: string, about: string, value: unknown): void {
    this.add(name, about, `${JSON.stringify(value, null, 2) ?? 'null'}\n`);
  }

  /** Something that is not in it, with the reason. */
  lacks(what: string, why: string): void {
    this.#missing.push({ what, why });
  }

  get missing(): readonly Missing[] {
    return this.#missing;
  }

  /** As a compressed tar archive, everything in one folder. */
  async pack(folder: string, at: Date): Promise<Buffer> {
    const files = [{ name: 'README.txt', text: this.#readme(at) }, ...this.#parts];
    const tar = createTar(
      files.map(({ name, text }) => ({
        name: `${folder}/${name}`,
        data: Buffer.from(this.#masked(name, text)),
      })),
      { attrs: { mode: '600', uid: 0, gid: 0, mtime: at.getTime() } },
    );
    return promisify(gzip)(Buffer.concat([tar, END]));
  }

  #masked(name: string, text: string): string {
    // A mask in the place of a number would break JSON.
    const value = name.endsWith('.json') ? parsed(text) : undefined;
    if (value === undefined) return maskedText(this.#redactor.redact(text));
    return `${maskedText(JSON.stringify(this.#redactor.redactValue(value), null, 2))}\n`;
  }

  #readme(at: Date): string {
    const width = Math.max(...this.#parts.map(({ name }) => name.length));
    return [
      `What an Informer agent was and did at ${at.toISOString()}, for whoever helps to find out what is wrong.`,
      '',
      ...this.#parts.map(({ name, about }) => `${name.padEnd(width)}  ${about}`),
      '',
      ...(this.#missing.length > 0 ? ['What is not here:', ''] : []),
      ...this.#missing.map(({ what, why }) => `- ${what}: ${why}`),
      ...(this.#missing.length > 0 ? [''] : []),
      'Secrets are masked as ***: what the schemas of plugins mark as such, what ${file:} brings, passwords in URLs, values under',
      'keys that look like credentials, and all comments. What nobody can tell to be a secret is not: names of hosts, users,',
      'queues and files are here as they are. Look through it before you send it.',
      '',
    ].join('\n');
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
