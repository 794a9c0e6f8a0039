import { useState } from 'preact/hooks';
import { readLog } from '../api/client.ts';
import type { LogLine } from '../api/types.ts';
import { At } from '../view/time.tsx';
import { useRead } from './use-read.ts';

const READ = 100;
const SHOWN = 20;

/** What the agent and the plugin logged of the resource last; read again when its state changes. */
export function LogLines({ name, state }: { name: string; state: string }) {
  const [turn, setTurn] = useState(0);
  const [most, setMost] = useState(SHOWN);
  const { value: lines, problem } = useRead(
    (signal) => readLog(name, READ, signal),
    `${name} ${state} ${turn}`,
  );
  return (
    <section>
      <h2>Log</h2>
      <p class="bar">
        <button type="button" onClick={() => setTurn(turn + 1)}>
          Read again
        </button>
        <span class="dim">the last lines, the newest first</span>
      </p>
      {problem !== '' && <p class="fix">{problem}</p>}
      {lines?.length === 0 && <p class="empty">Nothing was logged of it.</p>}
      {lines && lines.length > 0 && (
        <ol class="log">
          {lines
            .toReversed()
            .slice(0, most)
            .map(({ at, level, message, fields }, i) => (
              <li key={`${at} ${lines.length - i}`}>
                <At at={at} /> <span class={`level ${level}`}>{level}</span> {message}{' '}
                <span class="dim">{fieldWords(fields)}</span>
              </li>
            ))}
        </ol>
      )}
      {lines && lines.length > most && (
        <button type="button" onClick={() => setMost(READ)}>
          Show all {lines.length}
        </button>
      )}
    </section>
  );
}

const fieldWords = (fields: LogLine['fields']): string =>
  Object.entries(fields)
    .filter(([key]) => key !== 'resource')
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('  ');
