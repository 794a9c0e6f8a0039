import type { AgentStatus, ResourceStatus } from '../status.ts';
import { STYLE } from './page-style.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ESCAPES[character] as string);

/** Of a resource's errors that many are shown; the API has them all. */
const SHOWN_ERRORS = 3;

/** The landing page: every resource with its state, worst first, and where its series are. */
export function renderPage(status: AgentStatus, metricsPath: string, now = Date.now()): string {
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
<title>${failing > 0 ? `(${failing}) ` : ''}Dynamic informer</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Dynamic informer</h1>
<p>Version ${escapeHtml(status.version)}, configured by <code>${escapeHtml(status.configFile)}</code></p>
<nav><a href="${escapeHtml(metricsPath)}">Metrics</a> <a href="/api/v1/resources">Resources as JSON</a></nav>
</header>
<main>
${reloadNotice(status)}
<h2>${summary}</h2>
<table>
<thead><tr><th>Resource</th><th>State</th><th>What is wrong</th><th>Plugin and host</th><th>Collected</th><th class="n">Took</th><th class="n">Series</th></tr></thead>
<tbody>
${resources.map((resource) => row(resource, metricsPath, now)).join('\n')}
</tbody>
</table>
</main>
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

function row(resource: ResourceStatus, metricsPath: string, now: number): string {
  const { name, plugin, host, every, series, lastCollectSeconds, lastCollectAt } = resource;
  const [text, kind] = stateOf(resource);
  const link = `${metricsPath}?resource=${encodeURIComponent(name)}`;
  const when = every === 'scrape' ? 'on scrape' : `every ${every < 1000 ? `${every}\u00a0ms` : span(every)}`;
  const last = lastCollectAt === undefined ? [] : [`last at ${timeOf(lastCollectAt, now)}`];
  const took = lastCollectSeconds === undefined ? '' : `${(lastCollectSeconds * 1000).toFixed(1)} ms`;
  const cells = [
    `<th scope="row"><a href="${escapeHtml(link)}">${escapeHtml(name)}</a></th>`,
    `<td class="times"><span class="state ${kind}">${text}</span>${smallLines(timesOf(resource, now))}</td>`,
    `<td class="wrong">${errorsOf(resource)}</td>`,
    `<td class="fact">${escapeHtml(plugin)}${smallLines(host === '' ? [] : [`in ${host}`])}</td>`,
    `<td class="fact">${when}${smallLines(last)}</td>`,
    `<td class="fact n">${took}</td>`,
    `<td class="fact n" data-unit="series">${series}</td>`,
  ];
  return `<tr>${cells.join('')}</tr>`;
}

function stateOf({ state, up, late, outcome }: ResourceStatus): [text: string, kind: string] {
  if (state === 'disabled' || state === 'opening') return [state, 'off'];
  if (state === 'failed' || state === 'quarantined') return [state, 'bad'];
  if (late) return ['late', 'bad'];
  if (outcome === undefined) return ['not collected yet', 'off'];
  if (!up) return [outcome, 'bad'];
  return outcome === 'ok' ? ['up', 'good'] : [`up, ${outcome}`, 'warn'];
}

/** Since when, and what comes next; nothing of a resource that is well. */
function timesOf(
  { state, since, retryAt, up, outcome, lastSuccessAt }: ResourceStatus,
  now: number,
): string[] {
  const lines: string[] = [];
  if (state === 'failed' || state === 'quarantined' || state === 'opening') {
    lines.push(`since ${timeOf(since, now)}, ${span(now - since)}`);
  } else if (state === 'running' && !up && outcome !== undefined) {
    const success =
      lastSuccessAt === undefined
        ? 'none yet'
        : `${timeOf(lastSuccessAt, now)}, ${span(now - lastSuccessAt)} ago`;
    lines.push(`last success: ${success}`);
  }
  if (retryAt !== undefined) {
    lines.push(`next try ${timeOf(retryAt, now)}${retryAt > now ? `, in ${span(retryAt - now)}` : ''}`);
  }
  return lines;
}

function errorsOf({ errors }: ResourceStatus): string {
  const shown = errors
    .slice(0, SHOWN_ERRORS)
    .map(
      ({ code, message, fix }) =>
        `<p>${escapeHtml(message)}${fix ? ` <span class="fix">${escapeHtml(fix)}</span>` : ''} <code>${escapeHtml(code)}</code></p>`,
    );
  const more = errors.length - shown.length;
  return [...shown, ...(more > 0 ? [`<p class="fix">and ${more} more</p>`] : [])].join('');
}

const smallLines = (lines: readonly string[]): string =>
  lines.map((line) => ` <small>${escapeHtml(line)}</small>`).join('');

/** The time of day in UTC, with the day if that is not today; without a place to break a line. */
function timeOf(at: number, now: number): string {
  const [day, time] = new Date(at).toISOString().slice(0, 19).split('T');
  const today = new Date(now).toISOString().slice(0, 10);
  return `${day === today ? '' : `${day}\u00a0`}${time}\u00a0UTC`;
}

function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds}\u00a0s`;
  if (seconds < 2 * 3600) return `${Math.round(seconds / 60)}\u00a0min`;
  return seconds < 48 * 3600
    ? `${Math.round(seconds / 3600)}\u00a0h`
    : `${Math.round(seconds / 86_400)}\u00a0days`;
}

function reloadNotice({ lastReload }: AgentStatus): string {
  if (!lastReload || lastReload.result.successful) return '';
  const errors = lastReload.result.errors
    .map((error) => `<li><code>${escapeHtml(error)}</code></li>`)
    .join('');
  return `<section class="notice" role="alert"><h2>The configuration on disk is not usable; the last good one runs on.</h2><ul>${errors}</ul></section>`;
}
