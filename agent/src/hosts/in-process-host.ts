import type { CollectReply, GatherSettings, Host, OpenReply, OpenRequest, PluginInfo } from '../contract.ts';
import { HostSession } from './session.ts';

type Log = ConstructorParameters<typeof HostSession>[0];

/** A host without a process of its own, for tests: the same code, but nothing contains it. */
export function inProcessHost(name: string, log: Log): Host {
  const session = new HostSession(log);
  return {
    name,
    pid: undefined,
    load: (plugin): Promise<PluginInfo> => session.load(plugin),
    validate: (request) => session.validate(request),
    open: (request: OpenRequest): Promise<OpenReply> => session.open(request),
    collect: (id, timeoutMs, encodings): Promise<CollectReply> => session.collect(id, timeoutMs, encodings),
    replay: (request) => session.replay(request),
    replayedBytes: (id) => session.replayedBytes(id),
    endReplay: (id) => session.endReplay(id),
    adjust: (id, gather: GatherSettings) => session.adjust(id, gather),
    pause: (id) => session.pause(id),
    resume: (id) => session.resume(id),
    close: (id) => session.close(id),
    collectGarbage: () => session.collectGarbage(),
    stop: () => session.closeAll(),
    end: () => undefined,
  };
}
