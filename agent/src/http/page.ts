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

/** The landing page: every resource with its state, worst first, and where its series are. */
export function renderPage(status: AgentStatus, metricsPath: string): string {
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
<div class="table">
<table>
<thead><tr><th>Resource</th><th>State</th><th>Plugin</th><th>Collected</th><th class="n">Took</th><th class="n">Series</th><th>What is wrong</th></tr></thead>
<tbody>
${resources.map((resource) => row(resource, metricsPath)).join('\n')}
</tbody>
</table>
</div>
</main>
</body>
</html>
`;
}

/** Lower is worse. */
function severity({ state, up }: ResourceStatus): number {
  if (state === 'disabled') return 3;
  if (state === 'failed') return 0;
  return up ? 2 : 1;
}

function row(resource: ResourceStatus, metricsPath: string): string {
  const { name, plugin, every, series, lastCollectSeconds, lastCollectAt } = resource;
  const [text, kind] = stateOf(resource);
  const link = `${metricsPath}?resource=${encodeURIComponent(name)}`;
  const when = every === 'scrape' ? 'on scrape' : `every ${every / 1000} s`;
  const last =
    lastCollectAt === undefined ? '' : `, last at ${new Date(lastCollectAt).toISOString().slice(11, 19)} UTC`;
  const took = lastCollectSeconds === undefined ? '' : `${(lastCollectSeconds * 1000).toFixed(1)} ms`;
  const wrong = resource.errors
    .slice(0, 3)
    .map(
      ({ message, fix }) =>
        `<p>${escapeHtml(message)}${fix ? ` <span class="fix">${escapeHtml(fix)}</span>` : ''}</p>`,
    )
    .join('');
  return `<tr><th scope="row"><a href="${escapeHtml(link)}">${escapeHtml(name)}</a></th><td><span class="state ${kind}">${text}</span></td><td>${escapeHtml(plugin)}</td><td>${when}${last}</td><td class="n">${took}</td><td class="n">${series}</td><td>${wrong}</td></tr>`;
}

function stateOf({ state, up, late, outcome }: ResourceStatus): [text: string, kind: string] {
  if (state === 'disabled') return ['disabled', 'off'];
  if (state === 'failed') return ['failed', 'bad'];
  if (state === 'opening') return ['opening', 'off'];
  if (late) return ['late', 'bad'];
  if (outcome === undefined) return ['not collected yet', 'off'];
  if (!up) return [outcome, 'bad'];
  return outcome === 'ok' ? ['up', 'good'] : [`up, ${outcome}`, 'warn'];
}

function reloadNotice({ lastReload }: AgentStatus): string {
  if (!lastReload || lastReload.result.successful) return '';
  const errors = lastReload.result.errors
    .map((error) => `<li><code>${escapeHtml(error)}</code></li>`)
    .join('');
  return `<section class="notice" role="alert"><h2>The configuration on disk is not usable; the last good one runs on.</h2><ul>${errors}</ul></section>`;
}

const STYLE = `
:root{color-scheme:light dark;--fg:#1c2128;--dim:#59636e;--bg:#fff;--line:#d1d9e0;--good:#116329;--bad:#b3261e;--warn:#7d4e00;--link:#0550ae}
@media(prefers-color-scheme:dark){:root{--fg:#e6edf3;--dim:#9aa4af;--bg:#0f1318;--line:#333b44;--good:#56d364;--bad:#ff8a80;--warn:#e3b341;--link:#79b8ff}}
*{box-sizing:border-box}
body{margin:0;font:15px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg)}
header,main{max-width:72rem;margin:0 auto;padding:1rem 1.25rem}
header{border-bottom:1px solid var(--line)}
h1{font-size:1.25rem;margin:0}h2{font-size:1.1rem;margin:1rem 0 .75rem}
header p{margin:.15rem 0;color:var(--dim)}header code{overflow-wrap:anywhere}
a{color:var(--link)}nav a{margin-right:1rem}
.table{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.45rem .75rem .45rem 0;border-bottom:1px solid var(--line)}
thead th{font-weight:600;color:var(--dim);white-space:nowrap}
tbody th{font-weight:600;white-space:nowrap}
td{white-space:nowrap}td:last-child{white-space:normal;min-width:14rem;overflow-wrap:anywhere}
td p{margin:0}.n{text-align:right;font-variant-numeric:tabular-nums}
.state{font-weight:600}.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.off,.fix{color:var(--dim)}
.notice{border-left:4px solid var(--bad);padding:.25rem 1rem;margin:1rem 0}
.notice code{overflow-wrap:anywhere}
`.replaceAll('\n', '');
