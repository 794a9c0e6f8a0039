import type { ReloadResult, ReportedDiagnostic } from '../api/types.ts';
import { agent } from '../live/store.ts';
import { linkTo } from '../route.ts';
import { plural } from '../text.ts';
import { Ago } from './time.tsx';

const CHANGES = ['opened', 'replaced', 'adjusted', 'closed'] as const;
const SHOWN_NAMES = 20;

/** What the last look at the configuration came to. */
export function ReloadState() {
  const reload = agent.value?.lastReload;
  if (!reload) return null;
  const { at, result } = reload;
  if (!result.successful) return <Rejected at={at} result={result} />;
  const changes = CHANGES.filter((change) => result[change].length > 0);
  if (changes.length === 0) {
    return (
      <p class="reload">
        Configuration loaded <Ago at={at} />: nothing had changed.
      </p>
    );
  }
  return (
    <details class="reload" key={at}>
      <summary>
        Configuration loaded <Ago at={at} />:{' '}
        {changes.map((change) => `${result[change].length} ${change}`).join(', ')}
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

function Rejected({ at, result }: { at: number; result: ReloadResult }) {
  return (
    <section class="panel bad" role="alert">
      <h2>
        The configuration on disk is not usable ({plural(result.diagnostics.length, 'mistake')}); the last
        good one runs on
      </h2>
      <p>
        Read <Ago at={at} />. Mend the file: it is read again when it is saved.
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
