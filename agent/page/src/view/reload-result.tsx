import type { Reload, ReportedDiagnostic } from '../api/types.ts';
import { reload as reloadNow } from '../changes.ts';
import { agent } from '../live/store.ts';
import { linkTo } from '../route.ts';
import { countWords, plural } from '../text.ts';
import { Ago } from './time.tsx';

const CHANGES = ['opened', 'replaced', 'adjusted', 'closed'] as const;
const SHOWN_NAMES = 20;

/** What the last look at the configuration came to, and the button for another. */
export function ReloadState() {
  const reload = agent.value?.lastReload;
  if (reload && !reload.result.successful) return <Rejected reload={reload} />;
  return (
    <div class="reload">
      {reload ? <Applied reload={reload} key={reload.at} /> : <span />}
      <ReloadButton />
    </div>
  );
}

const ReloadButton = () => (
  <button type="button" class="quiet" onClick={() => void reloadNow()}>
    Reload configuration
  </button>
);

function Applied({ reload: { at, result } }: { reload: Reload }) {
  const changes = CHANGES.filter((change) => result[change].length > 0);
  if (changes.length === 0) {
    return (
      <span>
        Configuration loaded <Ago at={at} />: nothing had changed
      </span>
    );
  }
  return (
    <details>
      <summary>
        Configuration loaded <Ago at={at} />:{' '}
        {changes.map((change) => `${countWords(result[change].length)} ${change}`).join(', ')}
      </summary>
      <dl>
        {changes.map((change) => (
          <div key={change}>
            <dt>{change}</dt>
            <dd>
              <Names names={result[change]} isGone={change === 'closed'} />
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function Names({ names, isGone }: { names: readonly string[]; isGone: boolean }) {
  const more = names.length - SHOWN_NAMES;
  return (
    <>
      {names.slice(0, SHOWN_NAMES).map((name, i) => (
        <span key={name}>
          {i > 0 && ', '}
          {isGone ? name : <a href={linkTo(name)}>{name}</a>}
        </span>
      ))}
      {more > 0 && ` and ${more} more`}
    </>
  );
}

function Rejected({ reload: { at, result } }: { reload: Reload }) {
  return (
    <section class="panel bad" role="alert">
      <h2>
        The configuration on disk is not usable ({plural(result.diagnostics.length, 'mistake')}); the last
        good one runs on
      </h2>
      <p>
        Read <Ago at={at} />. Mend the file: it is read again when it is saved. <ReloadButton />
      </p>
      <ol class="diagnostics">
        {result.diagnostics.map((diagnostic) => (
          <li key={`${diagnostic.file}:${diagnostic.line}:${diagnostic.column} ${diagnostic.message}`}>
            <DiagnosticText diagnostic={diagnostic} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function DiagnosticText({ diagnostic }: { diagnostic: ReportedDiagnostic }) {
  const { file, line, column, path = [], message, fix, code, excerpt } = diagnostic;
  return (
    <>
      <p>
        <code>
          {file}:{line}:{column}
        </code>{' '}
        {path.length > 0 && <code>{path.join('.')}:</code>} <b>{message}</b>
        {fix && `; ${fix}`} <code class="dim">{code}</code>
      </p>
      {excerpt && <pre>{excerpt}</pre>}
    </>
  );
}
