import type { AgentStatus, ResourceStatus } from '../status.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ESCAPES[character] as string);

/** Every resource with its state, worst first, for browsers without JavaScript: no script, no style. */
export function renderPlainPage(status: AgentStatus, metricsPath: string): string {
  const resources = [...status.resources].sort(
    (a, b) => severity(a) - severity(b) || (a.name < b.name ? -1 : 1),
  );
  const failing = resources.filter((resource) => resource.state !== 'disabled' && !resource.up).length;
  const enabled = resources.filter((resource) => resource.state !== 'disabled').length;
  const summary =
    failing === 0 ? `All ${enabled} resources are up.` : `${failing} of ${enabled} resources are not up.`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${failing > 0 ? `(${failing}) ` : ''}Dynamic informer</title>
</head>
<body>
<h1>${summary}</h1>
<p>Dynamic informer ${escapeHtml(status.version)}, configured by <code>${escapeHtml(status.configFile)}</code>.
<a href="${escapeHtml(metricsPath)}">Metrics</a></p>
${reloadNotice(status)}
<table>
<thead><tr><th>Resource</th><th>State</th><th>What is wrong</th><th>Plugin</th><th>Last collect</th><th>Series</th></tr></thead>
<tbody>
${resources.map((resource) => row(resource, metricsPath)).join('\n')}
</tbody>
</table>
</body>
</html>
`;
}

/** Lower is worse: what nobody will mend but a person, what is tried again, what fails, what lacks something. */
function severity({ state, up, outcome }: ResourceStatus): number {
  if (state === 'quarantined') return 0;
  if (state === 'failed') return 1;
  if (state === 'disabled') return 6;
  if (state === 'opening') return 3;
  if (!up) return outcome === undefined ? 3 : 2;
  return outcome === 'ok' ? 5 : 4;
}

function row(resource: ResourceStatus, metricsPath: string): string {
  const { name, plugin, series, lastCollectAt } = resource;
  const link = `${metricsPath}?resource=${encodeURIComponent(name)}`;
  const cells = [
    `<th scope="row"><a href="${escapeHtml(link)}">${escapeHtml(name)}</a></th>`,
    `<td>${escapeHtml(stateOf(resource))}</td>`,
    `<td>${errorsOf(resource)}</td>`,
    `<td>${escapeHtml(plugin)}</td>`,
    `<td>${lastCollectAt === undefined ? '' : timeOf(lastCollectAt)}</td>`,
    `<td>${series}</td>`,
  ];
  return `<tr>${cells.join('')}</tr>`;
}

function stateOf({ state, up, late, outcome, override }: ResourceStatus): string {
  if (override) {
    const { enabled, by, reason, until } = override;
    const end = until === undefined ? '' : ` until ${timeOf(until)}`;
    return `${enabled ? 'enabled' : 'disabled'} by ${by}${end}${reason ? `: ${reason}` : ''}`;
  }
  if (state !== 'running') return state;
  if (late) return 'late';
  if (outcome === undefined) return 'not collected yet';
  if (!up) return outcome;
  return outcome === 'ok' ? 'up' : `up, ${outcome}`;
}

const errorsOf = ({ errors }: ResourceStatus): string =>
  errors
    .map(({ code, message, fix }) => escapeHtml([message, fix, code].filter(Boolean).join(' ')))
    .join('<br>');

const timeOf = (at: number): string =>
  new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');

function reloadNotice({ lastReload }: AgentStatus): string {
  if (!lastReload || lastReload.result.successful) return '';
  const errors = lastReload.result.errors
    .map((error) => `<li><code>${escapeHtml(error)}</code></li>`)
    .join('');
  return `<h2>The configuration on disk is not usable; the last good one runs on.</h2><ul>${errors}</ul>`;
}
