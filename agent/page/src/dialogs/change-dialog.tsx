import { useState } from 'preact/hooks';
import type { ChangeOptions } from '../api/client.ts';
import { change, commandFor, isReadOnly, type OpenChange, openChange, problemWords } from '../changes.ts';
import { rows } from '../live/store.ts';
import { Command } from './command.tsx';
import { Dialog } from './dialog.tsx';

const DURATIONS = [
  ['30m', '30 minutes'],
  ['2h', '2 hours'],
  ['', 'until I undo it'],
] as const;
const OTHER = 'other';

export function ChangeDialog() {
  const { value: open } = openChange;
  return open && <ChangeForm open={open} key={`${open.action} ${open.name}`} />;
}

/** For how long, and why. What the configuration says anyway needs no time: then an override is taken back. */
function ChangeForm({ open: { action, name } }: { open: OpenChange }) {
  const [duration, setDuration] = useState<string>(DURATIONS[0][0]);
  const [other, setOther] = useState('');
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);
  const close = (): void => {
    openChange.value = undefined;
  };
  const override = rows.value.get(name)?.status.override;
  const isUndo = override !== undefined && override.configured === (action === 'enable');
  const time = duration === OTHER ? other.trim() : duration;
  const options: ChangeOptions = {
    ...(!isUndo && time !== '' && { for: time }),
    ...(reason.trim() !== '' && { reason: reason.trim() }),
  };
  const submit = async (): Promise<void> => {
    setBusy(true);
    setProblem('');
    try {
      if (await change(action, name, options)) close();
    } catch (error) {
      setProblem(problemWords(error));
    } finally {
      setBusy(false);
    }
  };
  const verb = action === 'enable' ? 'Enable' : 'Disable';
  return (
    <Dialog title={`${verb} ${name}`} onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isReadOnly() && !isBusy) void submit();
        }}
      >
        <p>
          {isUndo
            ? 'This undoes what was switched at run time: what the configuration says counts again.'
            : action === 'disable'
              ? 'Its series leave /metrics, and nothing is collected. The configuration stays as it is.'
              : 'It is opened and collected. The configuration stays as it is.'}
        </p>
        {!isUndo && (
          <fieldset>
            <legend>For how long</legend>
            {DURATIONS.map(([value, words]) => (
              <label key={value}>
                <input
                  type="radio"
                  name="duration"
                  checked={duration === value}
                  onChange={() => setDuration(value)}
                />{' '}
                {words}
              </label>
            ))}
            <span class="other">
              <label>
                <input
                  type="radio"
                  name="duration"
                  checked={duration === OTHER}
                  onChange={() => setDuration(OTHER)}
                />{' '}
                other
              </label>
              <input
                aria-label="Other duration, for example 45m or 1h30m"
                placeholder="45m, 1h30m"
                size={10}
                required={duration === OTHER}
                value={other}
                onFocus={() => setDuration(OTHER)}
                onInput={({ currentTarget: { value } }) => {
                  setDuration(OTHER);
                  setOther(value);
                }}
              />
            </span>
          </fieldset>
        )}
        <label class="field">
          Why <span class="dim">(for whoever looks next)</span>
          <input
            maxLength={200}
            value={reason}
            onInput={({ currentTarget: { value } }) => setReason(value)}
          />
        </label>
        {isReadOnly() && <Command text={commandFor(action, name, options)} />}
        {problem !== '' && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <p class="buttons">
          <button type="button" onClick={close}>
            Cancel
          </button>
          {!isReadOnly() && (
            <button type="submit" class="primary" aria-busy={isBusy}>
              {verb}
            </button>
          )}
        </p>
      </form>
    </Dialog>
  );
}
