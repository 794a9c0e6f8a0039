export { Agent, type AgentOptions } from './agent.ts';
export { processHosts } from './cli/start-host.ts';
export { type ErrorEntry, errorTable } from './error-table.ts';
export { inProcessHost } from './hosts/in-process-host.ts';
export { createLog, Redactor } from './log.ts';
export type { AgentStatus, AgentSummary, ReloadResult, ResourceStatus } from './status.ts';
