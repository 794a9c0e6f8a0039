import { useState } from 'preact/hooks';
import { shownCommand } from '../changes.ts';
import { Dialog } from './dialog.tsx';

/** How a change is made where the page may not make it. */
export function Command({ text }: { text: string }) {
  const [copied, setCopied] = useState('');
  return (
    <div class="command">
      <p>
        This agent accepts changes on its unix socket only, since its configuration has no{' '}
        <code>web.admin.token_file</code>. Type on its host:
      </p>
      <p class="bar">
        <code>{text}</code>
        {/* Browsers have a clipboard on secure pages and on this machine only. */}
        {isSecureContext && (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              navigator.clipboard.writeText(text).then(
                () => setCopied('Copied.'),
                () => setCopied('The browser did not allow it.'),
              );
            }}
          >
            Copy
          </button>
        )}
      </p>
      <span role="status">{copied}</span>
    </div>
  );
}

export function CommandDialog() {
  const { value: text } = shownCommand;
  if (text === undefined) return null;
  const close = (): void => {
    shownCommand.value = undefined;
  };
  return (
    <Dialog title="Not from here" onClose={close}>
      <Command text={text} />
      <p class="buttons">
        <button type="button" class="primary" onClick={close}>
          Close
        </button>
      </p>
    </Dialog>
  );
}
