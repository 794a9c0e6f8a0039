import { readAudit } from '../api/client.ts';
import { lastAudit } from '../live/store.ts';
import { Ago, At } from '../view/time.tsx';
import { useRead } from './use-read.ts';

/** The audit is read this far back. */
const READ = 200;

/** Who did what to the resource at run time, the newest first. */
export function AuditTrail({ name }: { name: string }) {
  const { value: last } = lastAudit;
  const newest = last?.resource === name ? last.at : 0;
  const { value, problem } = useRead((signal) => readAudit(READ, signal), `${name} ${newest}`);
  const entries = value?.filter(({ resource }) => resource === name);
  return (
    <section>
      <h2>Changes at run time</h2>
      {problem !== '' && <p class="fix">{problem}</p>}
      {entries?.length === 0 && <p class="empty">Nobody has changed anything of it.</p>}
      {entries && entries.length > 0 && (
        <table class="plain">
          <thead>
            <tr>
              <th>When</th>
              <th>What</th>
              <th>Who</th>
              <th>Why</th>
              <th>Result</th>
            </tr>
          </thead>
          <tbody>
            {entries.map(({ at, action, by, reason, until, result }) => (
              <tr key={`${at}${action}`}>
                <td>
                  <Ago at={at} />
                </td>
                <td>
                  {action}
                  {until !== undefined && (
                    <>
                      {' '}
                      until <At at={until} />
                    </>
                  )}
                </td>
                <td>{by}</td>
                <td>{reason}</td>
                <td>{result}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
