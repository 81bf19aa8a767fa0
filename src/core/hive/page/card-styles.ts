/** Narrower screens: fewer columns, then each line of a table as a card. */
export const cardStyles = `
@media (max-width:1000px){
dl{grid-template-columns:repeat(3,minmax(0,1fr))}
th,td{padding-right:10px}
.attention li{grid-template-columns:5.5rem minmax(0,1fr) auto}
.attention .why{grid-column:2/-1;grid-row:2}
}
@media (max-width:800px){
header,main{padding-inline:14px}
main{gap:14px}
#attention,#roles,#services,#hosts,#routes{padding-inline:14px}
table,tbody,caption{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
tbody tr{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.4rem,1fr));gap:3px 12px;margin-inline:-14px;padding:11px 14px}
tbody tr.bad{box-shadow:inset 3px 0 var(--bad)}
#services tr th,#roles tr th,#hosts tr th,#routes tr th{display:block;grid-column:1/-1;width:auto;padding:0}
#services tr td,#roles tr td,#hosts tr td,#routes tr td{display:grid;grid-column:1/-1;grid-template-columns:5.6rem minmax(0,1fr);gap:8px;align-items:baseline;width:auto;padding:0;text-align:left}
#services tr td.number,#routes tr td.number{display:block;grid-column:auto;padding-top:3px;white-space:normal}
td::before{content:attr(data-label);display:block;color:var(--muted);font-size:.867rem}
td:has(>div>.none){visibility:hidden;position:absolute}
}
@media (max-width:600px){
dl{grid-template-columns:repeat(2,minmax(0,1fr))}
dl div{padding-inline:14px}
.attention li{grid-template-columns:minmax(0,1fr) auto}
.attention .what,.attention .why{grid-column:1/-1}
.attention .why{grid-row:3}
.attention .since{grid-column:2;grid-row:1}
.version{margin-left:0}
}
`;
