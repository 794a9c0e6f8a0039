import { effect } from '@preact/signals';
import { render } from 'preact';
import { ChangeDialog } from './dialogs/change-dialog.tsx';
import { CommandDialog } from './dialogs/command.tsx';
import { TokenDialog } from './dialogs/token-dialog.tsx';
import { keepLive } from './live/live.ts';
import { agent, connection, rows } from './live/store.ts';
import { ResourceView } from './resource/resource-view.tsx';
import { route } from './route.ts';
import { Announcer, NoticeBar } from './view/announcer.tsx';
import { ConnectionNotice, Footer, Header } from './view/header.tsx';
import { ResourceList } from './view/list.tsx';
import { Overrides } from './view/overrides.tsx';
import { ReloadState } from './view/reload-result.tsx';

function Page() {
  const { value: shown } = route;
  return (
    <>
      <Header />
      <div class="notices">
        <ConnectionNotice />
        <ReloadState />
        {shown.kind === 'list' && <Overrides />}
      </div>
      {shown.kind === 'list' ? <ResourceList filter={shown.filter} /> : <ResourceView name={shown.name} />}
      <Footer />
      <NoticeBar />
      <Announcer />
      <ChangeDialog />
      <CommandDialog />
      <TokenDialog />
    </>
  );
}

/** The tab says how many are broken, and of what. */
effect(() => {
  const { value: shown } = route;
  let broken = 0;
  for (const { condition } of rows.value.values()) if (condition.group === 'broken') broken++;
  // In the background only the agent's own count is kept up to date.
  const count = connection.value.kind === 'connecting' ? (agent.value?.resources.down ?? 0) : broken;
  const what = shown.kind === 'resource' ? `${shown.name} · ` : '';
  document.title = `${count > 0 ? `(${count}) ` : ''}${what}Dynamic informer`;
});

const place = document.getElementById('page');
if (place) render(<Page />, place);
void keepLive();
