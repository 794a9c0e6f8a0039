/** The status page's style: light or dark as the browser prefers; on a narrow screen each resource is a card. */
export const STYLE = `
:root{color-scheme:light dark;--fg:#1c2128;--dim:#59636e;--bg:#fff;--line:#d1d9e0;--good:#116329;--bad:#b3261e;--warn:#7d4e00;--link:#0550ae}
@media(prefers-color-scheme:dark){:root{--fg:#e6edf3;--dim:#9aa4af;--bg:#0f1318;--line:#333b44;--good:#56d364;--bad:#ff8a80;--warn:#e3b341;--link:#79b8ff}}
*{box-sizing:border-box}
body{margin:0;font:15px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg)}
header,main{max-width:84rem;margin:0 auto;padding:1rem 1.25rem}
header{border-bottom:1px solid var(--line)}
h1{font-size:1.25rem;margin:0}h2{font-size:1.1rem;margin:1rem 0 .75rem}
header p{margin:.15rem 0;color:var(--dim)}header code{overflow-wrap:anywhere}
a{color:var(--link)}nav a{margin-right:1rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.45rem .75rem .45rem 0;border-bottom:1px solid var(--line)}
thead th{font-weight:600;color:var(--dim);white-space:nowrap}
tbody th{font-weight:600;min-width:7rem;overflow-wrap:anywhere}
td p{margin:0}td p+p{margin-top:.35rem}
.wrong{width:38%;min-width:14rem;overflow-wrap:anywhere}.wrong code{font-size:.85em;color:var(--dim)}
small{display:block;font-size:.85rem;color:var(--dim)}.fact{overflow-wrap:break-word}
.times{min-width:14rem}.times small{white-space:nowrap}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.state{font-weight:600}.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.off,.fix{color:var(--dim)}
.notice{border-left:4px solid var(--bad);padding:.25rem 1rem;margin:1rem 0}
.notice code{overflow-wrap:anywhere}
@media(max-width:60rem){
thead{display:none}table,tbody,tr,tr>*{display:block}
tr{padding:.6rem 0;border-bottom:1px solid var(--line)}
tr>*,tr>.n,tr>.wrong{border:0;padding:0;width:auto;min-width:0;text-align:left}
.times small{white-space:normal}
tr>.wrong:not(:empty){margin:.25rem 0}
tr>.fact,.fact small{display:inline;font-size:.85rem;color:var(--dim)}
.fact:not(:empty)~.fact:not(:empty)::before{content:" · "}
[data-unit]::after{content:" " attr(data-unit)}
}
`.replaceAll('\n', '');
