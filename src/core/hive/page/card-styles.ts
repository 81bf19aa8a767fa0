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
table,tbody,tr,caption{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
tbody th,tbody td,#services tbody th,#roles th:first-child,#hosts tbody th,#routes tbody th,#roles td:nth-child(2){display:block;width:auto;padding:2px 0;text-align:left}
tbody td{display:grid;grid-template-columns:8.2rem minmax(0,1fr);gap:8px}
tbody td::before{content:attr(data-label);color:var(--muted);font-size:.867rem}
td.number{white-space:normal}
tbody tr{padding:10px 0}
tbody tr.bad{border-left:3px solid var(--bad);padding-left:10px}
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
