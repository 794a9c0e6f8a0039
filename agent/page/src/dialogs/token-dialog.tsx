import { useState } from 'preact/hooks';
import { type TokenQuestion, tokenQuestion } from '../changes.ts';
import { Dialog } from './dialog.tsx';

export function TokenDialog() {
  const { value: question } = tokenQuestion;
  return question && <TokenForm question={question} />;
}

/** Asks for the token once: the change that it is asked for shows whether it is the right one. */
function TokenForm({ question }: { question: TokenQuestion }) {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState(question.problem ?? '');
  const [isBusy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    setBusy(true);
    setProblem('');
    const wrong = await question.attempt(text.trim());
    if (wrong === undefined) return;
    setProblem(wrong);
    setBusy(false);
  };
  return (
    <Dialog title="Changes need the token" onClose={() => question.giveUp()}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy) void submit();
        }}
      >
        <p>
          It stands in the file that <code>web.admin.token_file</code> names. This tab remembers it until it
          is closed.
        </p>
        <label class="field">
          Token
          <input
            type="password"
            autocomplete="off"
            required
            value={text}
            onInput={({ currentTarget: { value } }) => setText(value)}
          />
        </label>
        {problem !== '' && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <p class="buttons">
          <button type="button" onClick={() => question.giveUp()}>
            Cancel
          </button>
          <button type="submit" class="primary" aria-busy={isBusy}>
            Continue
          </button>
        </p>
      </form>
    </Dialog>
  );
}
