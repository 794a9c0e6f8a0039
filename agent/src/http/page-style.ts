/** The status page's style: light and dark by what the browser prefers; below 48rem each resource is a card. */
export const STYLE = `
:root{color-scheme:light dark;--fg:#1c2128;--dim:#59636e;--bg:#fff;--line:#d1d9e0;--good:#116329;--bad:#b3261e;--warn:#7d4e00;--link:#0550ae}
@media(prefers-color-scheme:dark){:root{--fg:#e6edf3;--dim:#9aa4af;--bg:#0f1318;--line:#333b44;--good:#56d364;--bad:#ff8a80;--warn:#e3b341;--link:#79b8ff}}
*{box-sizing:border-box}
body{margin:0;font:15px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg)}
header,main{max-width:80rem;margin:0 auto;padding:1rem 1.25rem}
header{border-bottom:1px solid var(--line)}
h1{font-size:1.25rem;margin:0}h2{font-size:1.1rem;margin:1rem 0 .75rem}
header p{margin:.15rem 0;color:var(--dim)}header code{overflow-wrap:anywhere}
a{color:var(--link)}nav a{margin-right:1rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.45rem .75rem .45rem 0;border-bottom:1px solid var(--line)}
thead th{font-weight:600;color:var(--dim);white-space:nowrap}
tbody th{font-weight:600;overflow-wrap:anywhere;min-width:7rem}
td p,td small{margin:0;display:block}td small{color:var(--dim);font-size:.85rem}
td.wrong{overflow-wrap:anywhere;min-width:14rem;width:38%}td.wrong p+p{margin-top:.35rem}td.host small{overflow-wrap:anywhere}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.state{font-weight:600}.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.off,.fix,.code{color:var(--dim)}
.code{font-size:.85em}
.notice{border-left:4px solid var(--bad);padding:.25rem 1rem;margin:1rem 0}
.notice code{overflow-wrap:anywhere}
@media(max-width:48rem){
table,tbody,tr,th,td{display:block}thead{display:none}
tr{border-bottom:1px solid var(--line);padding:.6rem 0}th,td,td.wrong{border:0;padding:0;text-align:left;width:auto;min-width:0}
td:empty{display:none}td.n,td.host,td.when{display:inline;color:var(--dim);font-size:.85rem}td.host small,td.when small{display:inline}
td[data-label]::before{content:attr(data-label) " "}td.n::after,td.host::after{content:" · "}td.n:last-of-type::after{content:none}
td.state-cell{margin:.1rem 0}td.wrong{margin:.25rem 0}
tr{display:flex;flex-direction:column}tr>.wrong{order:1}tr>.facts{order:2}
}
`.replaceAll('\n', '');
