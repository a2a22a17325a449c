/** Colours of the scenes in the timeline, by rank; readable beside each other and in print. */
export const SCENE_COLOURS = [
  '#3d6b9e',
  '#c98a2b',
  '#4f9272',
  '#8a5a9e',
  '#b4574f',
  '#4b9aa8',
  '#8c8139',
  '#7a7f87',
];

const scenes = SCENE_COLOURS.map((colour, at) => `.s${at}{fill:${colour};background:${colour}}`).join('\n');

/** Everything the page needs to look like one; no address in it. */
export const STYLE = `
:root{--ink:#1d2430;--soft:#5b6573;--line:#d9dee5;--wash:#f5f7f9;--live:#2f7d5b;--rec:#b3453c;--warn:#c98a2b;--bad:#b3453c;--accent:#23456b}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:#e9ecf0;color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif;overflow-wrap:anywhere}
main{max-width:210mm;margin:24px auto;background:#fff;padding:14mm 15mm;box-shadow:0 1px 8px #1d24301f}
header{border-bottom:3px solid var(--accent);padding-bottom:14px;margin-bottom:16px;display:flex;gap:20px;justify-content:space-between;align-items:flex-start}
.over{text-transform:uppercase;letter-spacing:.09em;font-size:12px;color:var(--soft);margin:0 0 2px}
h1{font-size:29px;line-height:1.15;margin:0 0 6px;font-weight:650;letter-spacing:-.01em}
h2{font-size:16px;margin:24px 0 8px;color:var(--accent);font-weight:650}
h3{font-size:13px;margin:14px 0 4px;color:var(--soft);font-weight:600}
p{margin:0 0 8px}
.when{margin:0;font-size:15px}
.soft,small{color:var(--soft)}
small{font-size:12px;line-height:1.35;display:block}
.seal{flex:none;border:1.5px solid;border-radius:8px;padding:7px 13px 8px;text-align:center;font-weight:650;font-size:14px;max-width:44mm;line-height:1.25}
.seal b{display:block;font-size:22px;line-height:1.1}
.valid{color:#20654a;background:#eef7f2;border-color:#8fc4ab}
.unknown{color:#7c5413;background:#fdf6e9;border-color:#dfbd83}
.tampered{color:#95322a;background:#fcf0ef;border-color:#dd9a94}
.warning{border:1.5px solid;border-radius:8px;padding:8px 13px;font-weight:600;margin:0 0 14px}
.lead{font-size:16px;margin:0 0 14px}
.tiles{display:grid;grid-template-columns:repeat(5,1fr);gap:8px;margin:0 0 4px}
.tile{background:var(--wash);border:1px solid var(--line);border-radius:7px;padding:8px 11px}
.tile b{display:block;font-size:19px;line-height:1.25;font-weight:650;white-space:nowrap}
.tile span{display:block;font-size:12px;line-height:1.3;color:var(--soft)}
.tile.bad b{color:var(--bad)}
.lanes{display:grid;grid-template-columns:fit-content(24%) 1fr;gap:5px 10px;align-items:center;margin-top:8px}
.lane{font-size:12.5px;line-height:1.2;color:var(--soft);text-align:right}
.lanes svg{display:block;width:100%;overflow:visible}
.back{fill:#eef1f4}
.live{fill:var(--live)}
.rec{fill:var(--rec)}
.out{fill:#7a8796}
.pause{fill:#ecc7c3}
.cut{fill:#e04836}
.inc-critical{fill:#b3453c}
.inc-degraded{fill:#d99a35}
.inc-unknown{fill:#8a93a0}
.open{fill-opacity:.55}
.grid{stroke:#fff;stroke-width:1;stroke-opacity:.75}
.tick{font-size:11px;fill:var(--soft)}
${scenes}
.defs{position:absolute}
.key{font-size:12px;color:var(--soft);margin:8px 0 0}
.key i{display:inline-block;width:10px;height:10px;border-radius:2px;margin:0 4px 0 0;vertical-align:-1px}
.key span{margin-right:13px;white-space:nowrap}
.k-live{background:var(--live)}.k-rec{background:var(--rec)}.k-cut{background:#e04836}.k-dark{background:repeating-linear-gradient(45deg,#8a93a0 0 2px,#fff 2px 5px);border:1px solid #8a93a0}
table{width:100%;border-collapse:collapse;font-size:13.5px;font-variant-numeric:tabular-nums}
th{text-align:left;white-space:nowrap;font-weight:600;font-size:12px;color:var(--soft);border-bottom:1.5px solid var(--line);padding:3px 10px 3px 0;vertical-align:bottom}
td{border-bottom:1px solid var(--line);padding:5px 10px 5px 0;vertical-align:top}
td:last-child,th:last-child{padding-right:0}
.num{text-align:right;white-space:nowrap}
.t{white-space:nowrap}
.missing{color:#8a5a12}
.tag{display:inline-block;white-space:nowrap;border-radius:4px;padding:0 6px;font-size:12px;font-weight:600;border:1px solid}
.tag.critical{color:#95322a;background:#fcf0ef;border-color:#dd9a94}
.tag.degraded{color:#7c5413;background:#fdf6e9;border-color:#dfbd83}
.tag.plain{color:var(--soft);background:var(--wash);border-color:var(--line)}
.share{display:block;width:100%;min-width:60px;height:9px;margin-top:6px}
.swatch{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:6px}
.more{font-size:12.5px;color:var(--soft);margin:6px 0 0}
ul{margin:4px 0 8px;padding-left:19px}
.proof{background:var(--wash);border:1px solid var(--line);border-radius:8px;padding:12px 15px;margin-top:8px}
.proof.tampered,.proof.unknown{color:inherit}
dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 14px;margin:8px 0;font-size:13px}
dt{color:var(--soft)}
dd{margin:0;min-width:0}
pre,code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace;font-size:11.5px}
pre{background:#fff;border:1px solid var(--line);border-radius:6px;padding:8px 10px;margin:4px 0 8px;white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.45}
footer{margin-top:18px;padding-top:8px;border-top:1px solid var(--line);font-size:12px;color:var(--soft)}
@media (max-width:640px){
body{background:#fff}
main{margin:0;padding:18px 16px;box-shadow:none}
header{flex-direction:column;gap:12px}
h1{font-size:25px}
.seal{max-width:none;align-self:stretch;display:flex;gap:9px;justify-content:center;align-items:center}
.seal b{font-size:18px}
.tiles{grid-template-columns:repeat(2,1fr)}
.lanes{grid-template-columns:1fr;gap:2px}
.lane{text-align:left;margin-top:6px}
thead{display:none}
tr{display:block;border-bottom:1px solid var(--line);padding:7px 0}
td{display:grid;grid-template-columns:96px 1fr;gap:8px;border:0;padding:2px 0;text-align:left!important;white-space:normal!important}
td::before{content:attr(data-name);color:var(--soft);font-size:12.5px}
td:empty{display:none}
td>*{min-width:0}
dl{grid-template-columns:1fr;gap:0}
dd{margin-bottom:6px}
}
@page{size:A4;margin:11mm 13mm 11mm}
@media print{
body{background:#fff;font-size:9.4pt;line-height:1.36;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{margin:0;padding:0;max-width:none;box-shadow:none}
header{padding-bottom:9px;margin-bottom:10px}
h1{font-size:21pt}
h2{margin:10px 0 3px;font-size:11pt;break-after:avoid}
.lead{font-size:10.4pt;margin-bottom:9px}
.when{font-size:10pt}
.tile{padding:5px 9px}.tile b{font-size:14pt}
table{font-size:8.6pt}
small{font-size:7.6pt;line-height:1.25}
td{padding-top:2px;padding-bottom:2px}
.proof p{font-size:9pt;margin-bottom:4px}
dl{margin:4px 0;font-size:8.6pt}
pre{margin-bottom:5px;padding:5px 8px}
footer{margin-top:10px}
.key,.more{margin-top:4px}
tr,.tile,.lanes,.seal,pre,dl{break-inside:avoid}
h3{break-after:avoid;margin-top:8px}
thead{display:table-header-group}
pre,code{font-size:7.6pt}
.proof{padding:8px 11px}
a{color:inherit;text-decoration:none}
}
`;
