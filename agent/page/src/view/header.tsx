import { agent, connection } from '../live/store.ts';
import { linkToList } from '../route.ts';
import { Ago, At } from './time.tsx';

/** What stands on top of every view. */
export function Header() {
  return (
    <header class="top">
      <a class="brand" href={linkToList()}>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="M1 11h4l2.5-7 4 13L14 9l1 2h4" />
        </svg>
        Dynamic informer
      </a>
      <span class="place">{location.host}</span>
      <ConnectionState />
    </header>
  );
}

function ConnectionState() {
  const { value: state } = connection;
  if (state.kind === 'live') {
    return (
      <span class="connection live" title="What happens is shown as it happens.">
        <i aria-hidden="true" /> live
      </span>
    );
  }
  if (state.kind === 'connecting') return <span class="connection">connecting…</span>;
  return (
    <span class="connection broken" title={state.why}>
      <i aria-hidden="true" /> not live since <At at={state.since} />,{' '}
      {state.readAt === undefined ? (
        'nothing newer could be read'
      ) : (
        <>
          read again <Ago at={state.readAt} />
        </>
      )}
    </span>
  );
}

/** What the connection's state means, in full; nothing while all is well. */
export function ConnectionNotice() {
  const { value: state } = connection;
  if (state.kind !== 'broken') return null;
  return (
    <section class="panel warn" aria-label="Connection">
      <b>Not live</b> since <At at={state.since} /> (<Ago at={state.since} />
      ). {state.why}{' '}
      {state.readAt === undefined
        ? 'What is shown is from then. The page keeps trying.'
        : 'The lists are read again every few seconds instead.'}
    </section>
  );
}

export function Footer() {
  const { value: info } = agent;
  return (
    <footer>
      {info && (
        <>
          <span>
            Version {info.version}, Node.js {info.node}, started <Ago at={info.startedAt} />
          </span>
          <span>
            configured by <code>{info.configFile}</code>
          </span>
          <nav aria-label="Other views">
            <a href={info.metricsPath.slice(1)}>Metrics</a> <a href="api/v1/resources">Resources as JSON</a>{' '}
            <a href="openapi.json">The API</a> <a href="plain">Plain list</a>
          </nav>
        </>
      )}
    </footer>
  );
}
