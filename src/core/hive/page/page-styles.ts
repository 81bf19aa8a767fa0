import { cardStyles } from './card-styles.ts';
import { colourStyles } from './colour-styles.ts';

const frame = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif}
code{font:.92em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
h1,h2{margin:0;font-size:1rem;font-weight:650;line-height:1.3}
h1 span{color:var(--muted);font-weight:400}
header,main{max-width:1240px;margin:0 auto;padding-inline:24px}
header{display:flex;flex-wrap:wrap;align-items:center;gap:6px 16px;padding-block:18px 14px}
header p,header form{margin:0}
.version{margin-left:auto;color:var(--muted);font-variant-numeric:tabular-nums}
#live{display:flex;align-items:center;gap:7px;color:var(--muted)}
#live:not(:empty)::before{content:"";width:9px;height:9px;border:2px solid currentColor;border-radius:50%}
#live[data-state=live]{color:var(--ok)}
#live[data-state=live]::before{background:currentColor}
#live[data-state^=lost]{color:var(--bad);font-weight:650}
#live[data-state^=lost]::before{border-radius:0;background:currentColor;transform:rotate(45deg)}
[data-state^=lost] main{opacity:.72}
main{display:grid;gap:20px;grid-template-columns:minmax(0,1fr);padding-bottom:48px}
section{min-width:0}
#roles,#services,#hosts,#routes{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 18px 8px}
.note,.under,.none,small,.since{color:var(--muted)}
.note{font-size:.867rem;font-weight:400}
.empty{margin:4px 0 8px;color:var(--muted)}
.under{display:block;font-size:.867rem;overflow-wrap:anywhere}
.under.why{color:var(--ink)}
.tag{display:inline-block;border:1px solid var(--line);border-radius:4px;padding:0 5px;color:var(--muted);font-size:.8rem;white-space:nowrap}
.key{color:var(--muted)}
.plain{margin:0;padding:0;list-style:none}
.status{display:inline-flex;align-items:baseline;gap:7px}
.status svg{flex:none;fill:currentColor;transform:translateY(1px)}
.status.ok{color:var(--ok)}
.status.warn{color:var(--warn)}
.status.bad{color:var(--bad);font-weight:600}
.status.off{color:var(--muted)}
.errors{color:var(--bad)}
time{white-space:nowrap;font-variant-numeric:tabular-nums}
`;

const top = `
#attention{padding:14px 18px;background:var(--card);border:1px solid var(--line);border-left:4px solid var(--ok);border-radius:10px}
#attention:has(h2 .bad){border-left-color:var(--bad);background:var(--alarm)}
#attention:has(h2 .warn){border-left-color:var(--warn)}
#attention:has(h2 .off){border-left-color:var(--muted)}
#attention h2{font-size:1.2rem}
#attention h2 svg{width:15px;height:15px}
.attention{margin:10px 0 0;padding:0;list-style:none}
.attention li{display:grid;grid-template-columns:5.5rem minmax(0,19rem) minmax(0,1fr) auto;gap:2px 16px;padding:7px 0;border-top:1px solid var(--line)}
.attention .what{overflow-wrap:anywhere}
.attention .why{overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:repeat(6,minmax(0,1fr));gap:1px;margin:0;background:var(--line);border:1px solid var(--line);border-radius:10px;overflow:hidden}
dl div{background:var(--card);padding:10px 18px 12px}
dt{color:var(--muted);font-size:.867rem}
dd{margin:0;font-size:1.45rem;font-weight:600;line-height:1.2;font-variant-numeric:tabular-nums}
dd time{font-weight:400}
dd small{font-size:.95rem;font-weight:400}
.short dd{color:var(--bad)}
`;

const tables = `
table{width:100%;border-collapse:collapse}
caption{text-align:left;padding-bottom:8px}
caption h2{display:inline;margin-right:10px}
th,td{padding:8px 16px 8px 0;text-align:left;vertical-align:top;font-weight:400;overflow-wrap:anywhere}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--muted);font-size:.8rem;padding-block:4px;overflow-wrap:normal}
tbody tr{border-top:1px solid var(--line)}
tbody th code{font-weight:600}
.number{text-align:right;font-variant-numeric:tabular-nums}
td.number{white-space:nowrap}
@media (min-width:801px){
#services tbody th{width:25%}
#services td:nth-child(2){width:17%}
#roles th:first-child,#hosts tbody th,#routes tbody th{width:27%}
#roles td:nth-child(2){width:16%}
code+.status{margin-left:10px}
}
`;

const forms = `
button{font:inherit;border:1px solid transparent;border-radius:7px;padding:8px 14px;background:var(--accent);color:var(--on-accent);cursor:pointer}
button.quiet{background:none;border-color:var(--line);color:var(--ink);padding:3px 10px}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
.login{min-height:100vh;display:grid;place-items:center}
.login main{width:100%;max-width:390px;gap:16px;padding-block:32px}
.login h1{font-size:1.35rem}
.login form{display:grid;gap:10px;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:20px}
.login input{font:inherit;width:100%;padding:9px 11px;border:1px solid var(--edge);border-radius:7px;background:var(--ground);color:var(--ink)}
.login p{margin:0}
#refused{color:var(--bad)}
`;

/** All styles of the page and of the form that asks for a key. */
export const pageStyles = [colourStyles, frame, top, tables, forms, cardStyles].join('');
