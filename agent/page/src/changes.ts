import { signal } from '@preact/signals';
import {
  type ChangeOptions,
  changeResource,
  dropToken,
  hasToken,
  keepToken,
  RequestProblem,
  type ResourceAction,
  readAgent,
  reloadConfiguration,
} from './api/client.ts';
import { agent, putResource } from './live/store.ts';
import { shellWord } from './text.ts';

/** What the page says of the last thing that somebody did; `count` tells two that read alike apart. */
export interface Notice {
  readonly kind: 'done' | 'failed';
  readonly text: string;
  readonly count: number;
}
export const notice = signal<Notice | undefined>(undefined);

let notices = 0;
export const tell = (kind: Notice['kind'], text: string): void => {
  notice.value = { kind, text, count: ++notices };
};

export interface OpenChange {
  readonly action: 'enable' | 'disable';
  readonly name: string;
}
/** The dialog for reason and duration, while it is open. */
export const openChange = signal<OpenChange | undefined>(undefined);

/** Asks for the token, and why it is asked for again. */
export interface TokenQuestion {
  readonly problem: string | undefined;
  /** Makes the change with that token; gives what is wrong with the token, or nothing and the question is settled. */
  attempt(token: string): Promise<string | undefined>;
  giveUp(): void;
}
export const tokenQuestion = signal<TokenQuestion | undefined>(undefined);

/** What has to be typed on the host, while that is shown. */
export const shownCommand = signal<string | undefined>(undefined);

/** Neither this connection nor a token could change anything. */
export const isReadOnly = (): boolean =>
  agent.value !== undefined && !agent.value.mayChange && !agent.value.acceptsToken;

/** The command line's way to the same change. */
export function commandFor(action: ResourceAction | 'reload', name: string, options?: ChangeOptions): string {
  if (action === 'collect') {
    const path = `api/v1/resources/${encodeURIComponent(name)}/collect`;
    return `curl -X POST --unix-socket STATE_DIR/agent.sock http://localhost/${path}`;
  }
  const words = ['informer', action];
  if (action !== 'reload') words.push(name);
  if (options?.for !== undefined) words.push('--for', options.for);
  if (options?.reason !== undefined) words.push('--reason', options.reason);
  return words.map(shellWord).join(' ');
}

export const problemWords = (error: unknown): string =>
  error instanceof RequestProblem ? [error.message, error.fix].filter(Boolean).join(' ') : String(error);

/** Of these answers a token can be the reason: it is not the right one, or too many wrong ones came before it. */
const isOfToken = (error: unknown): error is RequestProblem =>
  error instanceof RequestProblem && (error.status === 401 || error.status === 429);

/** Asks until the change was made or refused for another reason; nothing comes back from who would not give the token. */
function withToken<T>(change: () => Promise<T>, problem?: string): Promise<T | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
  tokenQuestion.value = {
    problem,
    async attempt(token) {
      keepToken(token);
      try {
        resolve(await change());
      } catch (error) {
        if (isOfToken(error)) {
          dropToken();
          // What else one could log in with is no help to who has been asked for the token.
          return error.status === 401 ? error.message : problemWords(error);
        }
        reject(error);
      }
      tokenQuestion.value = undefined;
      return undefined;
    },
    giveUp() {
      tokenQuestion.value = undefined;
      resolve(undefined);
    },
  };
  return promise;
}

/** Makes a change, and asks for the token where one is needed and none is known. */
async function allowed<T>(change: () => Promise<T>): Promise<T | undefined> {
  if (agent.value?.mayChange === false && !hasToken()) return withToken(change);
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof RequestProblem) || error.status !== 401) throw error;
    dropToken();
    return withToken(change, error.message);
  }
}

const DONE: Readonly<Record<ResourceAction, string>> = {
  enable: 'is enabled',
  disable: 'is disabled',
  restart: 'was opened anew',
  collect: 'was collected',
};

/**
 * Changes a resource and says so; `true` when it was changed.
 * @throws RequestProblem
 */
export async function change(
  action: ResourceAction,
  name: string,
  options?: ChangeOptions,
): Promise<boolean> {
  const status = await allowed(() => changeResource(name, action, options));
  if (status === undefined) return false;
  putResource(status);
  const { override } = status;
  const until =
    action === 'enable' || action === 'disable'
      ? override === undefined
        ? ', as the configuration says'
        : options?.for === undefined
          ? ' until somebody undoes it'
          : ` for ${options.for}`
      : '';
  tell('done', `${name} ${DONE[action]}${until}.`);
  return true;
}

/** Does at once what needs nothing to be filled in before. */
export async function changeNow(action: ResourceAction, name: string): Promise<void> {
  if (isReadOnly()) {
    shownCommand.value = commandFor(action, name);
    return;
  }
  try {
    await change(action, name);
  } catch (error) {
    tell('failed', `${name}: ${problemWords(error)}`);
  }
}

/** Takes an override back: what the configuration says is in force again. */
export const undoOverride = (name: string, configured: boolean): Promise<void> =>
  changeNow(configured ? 'enable' : 'disable', name);

/** Looks again at the configuration. What it came to is shown with the last reload. */
export async function reload(): Promise<void> {
  if (isReadOnly()) {
    shownCommand.value = commandFor('reload', '');
    return;
  }
  try {
    if ((await allowed(reloadConfiguration)) === undefined) return;
    await rereadAgent();
    tell('done', 'The configuration was read again; what it came to stands on top.');
  } catch (error) {
    if (error instanceof RequestProblem && error.status === 422) {
      await rereadAgent();
      tell('failed', 'The configuration on disk is not usable; nothing was changed.');
    } else {
      tell('failed', problemWords(error));
    }
  }
}

/** What the last reload came to stands there, and who may change what. */
async function rereadAgent(): Promise<void> {
  agent.value = await readAgent();
}
