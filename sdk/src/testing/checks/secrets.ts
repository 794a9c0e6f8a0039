import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import { toErrorInfo } from '../../errors.ts';
import type { SchemaNode } from '../../schema/node.ts';
import { compileSchema } from '../../schema/validate.ts';
import type { Demand } from '../check.ts';
import { Overdue } from '../deadline.ts';
import { startHostile } from '../hostile.ts';
import type { LogLine } from '../open.ts';
import { atSecretPlaces, inUrls, type Placed, withoutUserInfo } from '../secret-places.ts';
import type { Subject } from '../subject.ts';

/**
 * Each secret is put in alone, as itself and as the password of a URL, with the real target and with servers that
 * refuse and that quote what they were sent: errors are where secrets come out.
 */
export function secretChecks(subject: Subject): Demand[] {
  return [
    {
      name: 'shows no secret in logs, errors, labels, help or exposition',
      async run() {
        const secret = `canary${randomBytes(12).toString('hex')}`;
        for (const config of await configsOf(subject)) {
          for (const placed of atSecretPlaces(subject.plugin.config as SchemaNode, config, secret)) {
            await assertKept(subject, await usable(subject, placed, secret), secret);
          }
          for (const placed of inUrls(config, secret)) {
            if (await isValid(subject, placed.config)) await assertKept(subject, placed, secret);
          }
        }
        await assertKeptFromEcho(subject, secret);
      },
    },
  ];
}

async function configsOf(subject: Subject): Promise<unknown[]> {
  const good = await subject.config();
  const { configFor } = subject.options;
  if (configFor === undefined) return [good];
  await using dead = await startHostile('refuses');
  return [good, configFor(dead.target)];
}

async function assertKeptFromEcho(subject: Subject, secret: string): Promise<void> {
  const { configFor } = subject.options;
  if (configFor === undefined) return;
  await using server = await startHostile('echoes');
  const config = configFor(server.target);
  for (const placed of atSecretPlaces(subject.plugin.config as SchemaNode, config, secret)) {
    await assertKept(subject, await usable(subject, placed, secret), secret);
  }
}

/** What can be opened: a password that the schema marks excludes one in the URL, as a rule. */
async function usable(subject: Subject, placed: Placed, secret: string): Promise<Placed> {
  const { place, config } = placed;
  const bare = withoutUserInfo(config);
  for (const each of [config, bare]) if (await isValid(subject, each)) return { place, config: each };
  const given = subject.options.secretConfig?.(place, secret);
  assert.ok(
    given !== undefined,
    `The suite can't make a valid configuration with a secret at ${place}. Give secretConfig(place, secret).`,
  );
  return { place, config: given };
}

async function isValid({ plugin }: Subject, config: unknown): Promise<boolean> {
  const { value, issues } = (await compileSchema(plugin.config))(config);
  if (issues.length > 0) return false;
  const problems = await plugin.validate?.(value as never, { directory: process.cwd() });
  return [...(problems ?? [])].every(({ severity }) => severity === 'warning');
}

async function assertKept(subject: Subject, { place, config }: Placed, secret: string): Promise<void> {
  const logs: LogLine[] = [];
  const shown: (readonly [where: string, what: unknown])[] = [];
  try {
    await using watched = await subject.watch(config, { logs, openTimeoutMs: 1_000 });
    const { errors, exposition } = await watched.collector.collect({ timeoutMs: 1_000 });
    shown.push(['an error of collect()', errors], ['the exposition', exposition]);
    shown.push(['a description', watched.describe()]);
  } catch (error) {
    // A hang is another check's business.
    if (!(error instanceof Overdue)) shown.push(['the error of open()', toErrorInfo(error)]);
  }
  shown.push(['the log', logs]);
  for (const [where, what] of shown) {
    const text = typeof what === 'string' ? what : JSON.stringify(what);
    const form = formsOf(secret).find((each) => text.includes(each));
    assert.ok(
      form === undefined,
      `The secret at ${place} stands in ${where}: ${excerpt(text, form)} Leave it out there.`,
    );
  }
}

/** A secret as it is, and as it stands in base64, at whatever place of a longer text. */
function formsOf(secret: string): string[] {
  const encoded = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]).toString('base64');
    return text.replace(/=+$/, '').slice(before === 0 ? 0 : before + 1, -2);
  });
  return [secret, ...encoded];
}

function excerpt(text: string, form = ''): string {
  const at = text.indexOf(form);
  return text.slice(Math.max(0, at - 60), at + form.length + 20).replace(form, '<secret>');
}
