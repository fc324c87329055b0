/** Style sheet of reports: light and dark by the reader's setting, one column on a phone. */
export const style = `
:root{color-scheme:light dark;--page:#fbfbfa;--card:#fff;--ink:#1d1d1b;--soft:#63625d;--rule:#e4e3df;--line:#2a63c4;--band:#2a63c433;--heat:#d9480f;--right:#1d7a3d;--rightback:#1d7a3d14;--hidden:#8b8a85}
@media (prefers-color-scheme:dark){:root{--page:#161615;--card:#1f1f1d;--ink:#ecebe6;--soft:#a3a29b;--rule:#35342f;--line:#7aa7f7;--band:#7aa7f733;--right:#6cc98a;--rightback:#6cc98a1f;--hidden:#7b7a74}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;-webkit-text-size-adjust:100%}
main,header,footer{max-width:1180px;margin:0 auto;padding:0 20px}
header{padding-top:32px}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 4px;letter-spacing:-.01em}
h2{font-size:1.25rem;margin:48px 0 8px;letter-spacing:-.005em}
h3{font-size:1rem;margin:24px 0 8px}
h4{font-size:.9375rem;font-weight:600;margin:0 0 8px;overflow-wrap:anywhere}
p{max-width:70ch;margin:0 0 16px;color:var(--soft)}
p.warning{color:var(--heat)}
small{color:var(--soft)}
code{font:.875em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
a{color:var(--line)}
footer{color:var(--soft);font-size:.875rem;padding-top:40px;padding-bottom:40px}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(148px,1fr));gap:1px;background:var(--rule);border:1px solid var(--rule);border-radius:8px;overflow:hidden;margin-top:24px}
.figure{background:var(--card);padding:14px 16px;display:flex;flex-direction:column}
.figure b{font-size:1.5rem;line-height:1.2;font-weight:650;font-variant-numeric:tabular-nums}
.figure span{font-size:.875rem}
.figure small{font-size:.8125rem}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,330px),1fr));gap:16px}
.chart{margin:0;background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:12px 10px 6px}
.chart figcaption{display:flex;justify-content:space-between;gap:8px;padding:0 4px;font-size:.9375rem}
.chart output{font-variant-numeric:tabular-nums}
.chart svg{display:block;width:100%;height:auto;overflow:visible}
.chart text{font-size:11px;fill:var(--soft);font-variant-numeric:tabular-nums}
.grid line{stroke:var(--rule);stroke-width:1}
.line{fill:none;stroke:var(--line);stroke-width:1.75;stroke-linejoin:round;stroke-linecap:round}
.band{fill:var(--band)}
.reference line{stroke:var(--soft);stroke-dasharray:4 3}
.reading rect{fill:transparent}
.reading line,.reading circle,.reading text{visibility:hidden}
.reading line{stroke:var(--soft)}
.reading circle{fill:var(--line);stroke:var(--card);stroke-width:1.5}
.chart .reading text{fill:var(--ink);paint-order:stroke;stroke:var(--card);stroke-width:4px}
.reading:hover line,.reading:hover circle,.reading:hover text{visibility:visible}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.9375rem}
th,td{padding:6px 12px 6px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
.numbers{font-variant-numeric:tabular-nums}
.numbers td,.numbers thead th{text-align:right;padding:6px 0 6px 16px}
.numbers th[scope=row]{font-weight:500;white-space:nowrap}
.numbers thead th{font-weight:500;color:var(--soft)}
.recalls thead tr:first-child td{border:0}
.recalls th[colspan]{text-align:center;border-bottom:0;padding-bottom:0}
.recalls tbody tr:first-child td{font-weight:650}
.recalls tbody tr:last-child{color:var(--soft)}
.recalls td:nth-child(5),.recalls th[scope=col]:nth-child(5){padding-left:28px}
.pairs{width:100%}
.pairs th{font-weight:500;color:var(--soft);width:36%;overflow-wrap:anywhere}
.pairs td{overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
details{margin-top:16px}
summary{cursor:pointer;color:var(--soft);padding:8px 0}
.examples{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));gap:16px}
.example{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:14px;min-width:0}
.example img{display:block;width:100%;aspect-ratio:1;object-fit:cover;background:#fff;border-radius:4px}
.example.texts{display:grid;grid-template-columns:84px 1fr;gap:14px;align-items:start}
.example ol{margin:0;padding:0 0 0 1.4em;font-size:.9375rem}
.example li{padding:1px 6px;overflow-wrap:anywhere}
.example li::marker{color:var(--soft)}
li.right{background:var(--rightback);border-radius:4px;font-weight:600}
.mark{color:var(--right);margin-left:.4em}
.strip{display:grid;grid-template-columns:repeat(5,1fr);gap:8px}
.tile{position:relative;min-width:0}
.tile img{border:1px solid var(--rule)}
.tile.right img{outline:3px solid var(--right);outline-offset:0}
.tile .mark{position:absolute;right:-5px;bottom:-5px;margin:0;width:20px;height:20px;border-radius:50%;background:var(--right);color:var(--card);display:grid;place-items:center;font-size:13px;line-height:1}
.missing{font-size:.75rem;color:var(--soft);overflow-wrap:anywhere}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.masks{grid-template-columns:repeat(auto-fill,minmax(min(100%,480px),1fr))}
.attention{grid-template-columns:repeat(auto-fill,minmax(min(100%,520px),1fr))}
.overlays{display:grid;grid-template-columns:repeat(auto-fit,minmax(74px,1fr));gap:10px}
.overlays.words{grid-template-columns:repeat(auto-fill,minmax(96px,1fr))}
.overlay{margin:0;min-width:0}
.overlay svg{display:block;width:100%;border-radius:4px;background:#fff}
.overlay figcaption{font-size:.8125rem;color:var(--soft);line-height:1.3;padding-top:4px;overflow-wrap:anywhere}
.faded{filter:grayscale(1) opacity(.55)}
.hidden{fill:var(--hidden);stroke:var(--hidden);stroke-width:.3}
.heat{fill:var(--heat)}
.credits{padding-left:1.2em;margin:0}
@media (max-width:480px){main,header,footer{padding-left:16px;padding-right:16px}h2{margin-top:40px}.numbers{font-size:.8125rem}.numbers td,.numbers thead th{padding-left:6px}.numbers th[scope=row]{padding-right:0}.recalls td:nth-child(5),.recalls th[scope=col]:nth-child(5){padding-left:14px}.pairs th{width:44%}}
@media print{.chart,.example{break-inside:avoid}}
`
