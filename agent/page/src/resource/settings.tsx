import { readResource } from '../api/client.ts';
import { settingsWords } from '../model/settings.ts';
import { useRead } from './use-read.ts';

/** The resource's settings as they are in force, secrets masked; read again when it was opened anew. */
export function Settings({ name, state }: { name: string; state: string }) {
  const { value, problem, isReading } = useRead((signal) => readResource(name, signal), `${name} ${state}`);
  const settings = value?.settings;
  return (
    <section>
      <h2>Settings</h2>
      {problem !== '' && <p class="fix">{problem}</p>}
      {value === undefined && isReading && <p class="empty">Reading…</p>}
      {settings?.problem && (
        <p class="fix">
          {settings.problem.message} {settings.problem.fix}
        </p>
      )}
      {settings && value && <pre>{settingsWords(value.plugin, settings)}</pre>}
    </section>
  );
}
