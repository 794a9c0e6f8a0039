export { Agent, type AgentOptions } from './agent.ts';
export { processHosts } from './cli/start-host.ts';
export { type ErrorEntry, errorTable } from './error-table.ts';
export { inProcessHost } from './hosts/in-process-host.ts';
export { createLog } from './log.ts';
export { RecentLog } from './recent-log.ts';
export { Redactor } from './redactor.ts';
export type { AgentStatus, AgentSummary, ReloadResult, ResourceStatus } from './status.ts';
