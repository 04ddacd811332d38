/** The report's style sheet: light and dark, print; colours of Okabe and Ito, told apart by the colour-blind, and textures beside them. */
const light =
  '--ink:#1b1f24;--soft:#57606a;--line:#d9dee5;--paper:#fff;--panel:#f6f8fa;--s0:#0072b2;--s1:#d55e00;--s2:#009e73;--s3:#cc79a7;--s4:#e69f00;--s5:#56b4e9;--s6:#8c6d1f;--s7:#6a3d9a;--s8:#7f7f7f;--s9:#b2182b';
const dark =
  '--ink:#e6e9ee;--soft:#a3adb8;--line:#333b45;--paper:#14181d;--panel:#1c2229;--s0:#4aa3e0;--s1:#f08a4b;--s2:#3cc79b;--s3:#e3a3c6;--s4:#f2bd4a;--s5:#8fd0f5;--s6:#cdb25c;--s7:#b08bd9;--s8:#a9a9a9;--s9:#ef6a72';
const ten = [...'0123456789'];

/** What the pictures need, in a page or as files. */
export const pictureStyles = `
:root{color-scheme:light dark;${light}}
@media (prefers-color-scheme:dark){:root{${dark}}}
@media print{:root{${light}}}
.paper{fill:var(--paper)}.heading{font-size:15px;font-weight:600;fill:var(--ink)}
.tick line{stroke:var(--line)}.tick text,.caption{fill:var(--soft);font-size:12px}.label{fill:var(--ink);font-size:12px}.soft{fill:var(--soft);font-size:12px}
.line{fill:none;stroke-width:2}.texture{stroke:none;pointer-events:none}.rung{fill:var(--panel);stroke:var(--line)}.rule{stroke:var(--ink);stroke-width:1}
${ten.map((i) => `.s${i}{stroke:var(--s${i})}.f${i}{fill:var(--s${i});stroke:none}`).join('')}
.on{fill:#fff;font-size:12px;font-weight:600;paint-order:stroke;stroke:#0006;stroke-width:2px}
.knee circle,.ring{fill:none;stroke:var(--ink);stroke-width:1.5}.knee text{fill:var(--ink);font-size:12px}
`;

/** Ten overlays, so that areas are told apart without colour; one set a page or file. */
export const textures = `<defs>${[
  '',
  'M0 6L6 0',
  'M0 0L6 6',
  'M0 3H6',
  'M3 0V6',
  'M0 6L6 0M0 0L6 6',
  'M1.5 1.5h1.2M4.5 4.5h1.2',
  'M0 3H6M3 0V6',
  'M0 1H6M0 3H6',
  'M1 0V6M3 0V6',
]
  .map(
    (path, i) =>
      `<pattern id="texture${i}" width="6" height="6" patternUnits="userSpaceOnUse"><path d="${path}" stroke="#fff" stroke-opacity=".45" fill="none"/></pattern>`,
  )
  .join('')}</defs>`;

export const styles = `${pictureStyles}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:880px;margin:0 auto;padding:28px 20px 60px}a{color:var(--s0)}
:focus-visible{outline:2px solid var(--s0);outline-offset:2px}
.question{color:var(--soft);font-size:17px;font-weight:400;line-height:1.5;margin:0 0 14px}
.answer{display:flex;gap:24px;align-items:center}.answer p{font-size:19px;margin:0;line-height:1.4}
.big{flex:none;text-align:center;border:2px solid var(--s0);border-radius:12px;padding:12px 20px}.big span{display:block;font-size:34px;font-weight:700;white-space:nowrap}.big small{color:var(--soft)}
dl{display:flex;flex-wrap:wrap;gap:10px 28px;margin:20px 0}dl div{min-width:110px}dt{color:var(--soft);font-size:13px}dd{margin:0;font-size:18px;font-weight:600}
nav{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:14px;border-top:1px solid var(--line);border-bottom:1px solid var(--line);padding:8px 0}nav a{text-decoration:none}nav a:hover{text-decoration:underline}
section{margin-top:38px;scroll-margin-top:12px}h2{font-size:20px;margin:0 0 2px}h3{font-size:15px;margin:18px 0 0}.note{color:var(--soft);margin:0 0 8px}
.warning,.holds{border-left:4px solid var(--s1);background:var(--panel);padding:6px 12px;margin:8px 0}.holds{border-color:var(--s2)}
figure{margin:10px 0;position:relative}
.chart{width:100%;height:auto;background:var(--panel);border-radius:8px;display:block}.chart.narrow{display:none}.chart.small{max-width:560px}
.tip{position:absolute;pointer-events:none;background:var(--paper);color:var(--ink);border:1px solid var(--line);border-radius:8px;box-shadow:0 2px 10px #0003;padding:6px 10px;font-size:13px;line-height:1.45;white-space:nowrap;z-index:2}.tip b{display:block}.tip i{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:6px}.tip span{float:right;padding-left:16px;font-variant-numeric:tabular-nums}
${ten.map((i) => `.b${i}{background:var(--s${i})}`).join('')}
.cursor{stroke:var(--ink);stroke-width:1;stroke-dasharray:3 3}
.reader{position:absolute;left:0;right:0;bottom:0;width:100%;opacity:0;pointer-events:none}.reader:focus-visible{position:static;opacity:1;pointer-events:auto}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 14px;padding:0;margin:6px 0 0;font-size:13px;color:var(--soft)}.legend li{display:flex;align-items:center;gap:5px}
details{margin-top:6px}summary{cursor:pointer;color:var(--soft)}.scroll{overflow-x:auto}
.requests details{border-bottom:1px solid var(--line);margin:0;padding:5px 0}.requests summary{color:var(--ink);font-size:14px;font-variant-numeric:tabular-nums}.requests details:target summary{font-weight:600}.requests summary b{display:inline-block;min-width:84px}.requests summary span{color:var(--soft)}
.card{background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:14px 16px;font:13.5px/1.5 ui-monospace,SFMono-Regular,Menlo,monospace;white-space:pre-wrap;overflow-wrap:anywhere;margin:8px 0}
button{font:inherit;font-size:14px;color:var(--ink);background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:5px 14px;cursor:pointer}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:8px 0;font-size:13.5px}th,td{padding:3px 10px;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}th[scope=row],thead th:first-child{text-align:left;font-weight:500}thead th{color:var(--soft);font-weight:500}
footer{margin-top:40px;color:var(--soft);font-size:13px;border-top:1px solid var(--line);padding-top:10px}.defs{position:absolute;width:0;height:0}
@media (max-width:560px){.chart.wide{display:none}.chart.narrow{display:block}.answer{flex-direction:column;align-items:flex-start;gap:14px}.answer p{font-size:17px}main{padding:18px 14px 40px}}
@media print{details,nav,.tip,.reader,button{display:none}section{break-inside:avoid}main{max-width:none;padding:0}body{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
`;
