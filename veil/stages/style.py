"""How the report looks: one sheet for screen, dark and light, and paper; no fonts or pictures from elsewhere."""

STYLE = """
:root{--paper:#fbfaf7;--card:#fff;--ink:#1c1b19;--soft:#5c5850;--line:#d9d5cb;--track:#e7e3da;
--safe:#17643a;--safe-tint:#e3f1e7;--exposed:#a61b1b;--exposed-tint:#fbe6e3;--unproven:#7a4d00;--unproven-tint:#faeed2;
--curve:#2f5d8a;--curve-tint:#cfdeec}
@media (prefers-color-scheme:dark){:root{--paper:#161514;--card:#201f1d;--ink:#efece6;--soft:#b3ada2;--line:#3c3a36;
--track:#35332f;--safe:#83d6a2;--safe-tint:#1c3325;--exposed:#ff9d92;--exposed-tint:#47201d;--unproven:#f2c063;
--unproven-tint:#40321a;--curve:#8fbbe3;--curve-tint:#2b3f52}}
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);
font:1rem/1.55 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main,header,footer{max-width:66rem;margin:0 auto;padding:0 1.25rem}
h1,h2,h3{font-family:Charter,"Bitstream Charter","Iowan Old Style",Georgia,"Noto Serif",serif;line-height:1.2;
font-weight:600}
h1{font-size:clamp(1.6rem,4.2vw,2.35rem);margin:0;text-wrap:balance}
h2{font-size:1.55rem;margin:3.2rem 0 .3rem}
h3{font-size:1.2rem;margin:0}
p{max-width:44rem;margin:.5rem 0}
.soft,figcaption,caption{color:var(--soft)}
.what{letter-spacing:.04em;font-size:.9rem;color:var(--soft);padding:1.6rem 0 .9rem;margin:0}
.verdict{display:flex;gap:1.4rem;align-items:flex-start;border-radius:.7rem;padding:1.6rem 1.6rem 1.5rem;
border:1px solid var(--tone);background:var(--tint);border-left-width:.6rem}
.verdict svg{flex:none;width:3.6rem;height:3.6rem;color:var(--tone)}
.verdict p{font-size:1.1rem;margin:.6rem 0 0}
.verdict .word{font-weight:700;color:var(--tone);margin:0 0 .25rem;font-size:1rem}
.safe{--tone:var(--safe);--tint:var(--safe-tint)}
.exposed{--tone:var(--exposed);--tint:var(--exposed-tint)}
.warned{--tone:var(--curve);--tint:var(--curve-tint)}
.unproven{--tone:var(--unproven);--tint:var(--unproven-tint)}
.facts{display:flex;flex-wrap:wrap;gap:.2rem 2.2rem;margin:1rem 0 0;padding:0;list-style:none;color:var(--soft)}
.facts b{color:var(--ink);font-weight:600}
.sealed{background:#a61b1b;color:#fff;padding:1rem 0;-webkit-print-color-adjust:exact;print-color-adjust:exact}
.sealed div{max-width:66rem;margin:0 auto;padding:0 1.25rem}
.sealed strong{font-size:1.25rem;display:block}
.sealed p{margin:.2rem 0 0}
.card{background:var(--card);border:1px solid var(--line);border-radius:.7rem;margin:1.2rem 0;
padding:1.1rem 1.25rem 1rem;overflow-x:auto}
.card header{display:flex;flex-wrap:wrap;gap:.3rem 1rem;align-items:center;padding:0;margin:0 0 .5rem}
.mark{color:var(--tone);font-weight:700;white-space:nowrap}
.mark svg{width:1.1em;height:1.1em;vertical-align:-.18em;margin-right:.4em}
.pill{background:var(--tint);border-radius:1rem;padding:.1rem .8rem .1rem .6rem}
table{border-collapse:collapse;width:100%;min-width:52rem;table-layout:fixed;font-variant-numeric:tabular-nums}
thead th:nth-child(1){width:18%}thead th:nth-child(2),thead th:nth-child(3){width:7.5%}thead th:nth-child(4){width:17%}
thead th:nth-child(5){width:13%}
caption{text-align:left;padding:0 0 .4rem;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.55rem .9rem .55rem 0;border-top:1px solid var(--line);
overflow-wrap:break-word}
thead th{border-top:0;font-size:.85rem;font-weight:600;color:var(--soft);padding:.2rem .9rem .3rem 0}
tbody th{font-weight:600}
td.number,th.number{text-align:right;white-space:nowrap}
td.bar{padding-top:.75rem}
td .soft{display:block;font-size:.88rem}
.bars{width:100%;height:1rem;display:block}
.frames{display:grid;gap:1.2rem;grid-template-columns:repeat(auto-fill,minmax(10.2rem,1fr));padding:0;margin:1.2rem 0;
list-style:none}
.frames.pairs{grid-template-columns:repeat(auto-fill,minmax(min(24rem,100%),1fr))}
figure{margin:0;break-inside:avoid}
.shown{display:flex;gap:.3rem}
.shown div{flex:1;min-width:0;font-size:.82rem;color:var(--soft)}
.shown img,.shown .none{display:block;width:100%;aspect-ratio:1;object-fit:cover;border-radius:.35rem;
background:var(--track)}
.shown .real img{outline:3px solid var(--exposed);outline-offset:-3px}
.shown .none{display:grid;place-items:center;padding:1rem;text-align:center}
figcaption{font-size:.9rem;line-height:1.4;margin-top:.45rem}
figcaption b{color:var(--ink)}
figcaption .mark{white-space:normal}
.plot{min-width:34rem;width:100%;height:auto;display:block}
.plot text{font:12px system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif;fill:var(--soft)}
.plot .name{fill:var(--ink);font-weight:600;font-size:13px}
.plot .ground{fill:var(--track);opacity:.45}
.plot .grid{stroke:var(--line)}
.plot .line{fill:none;stroke:var(--curve);stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}
.plot .area{fill:var(--curve-tint);stroke:none}
.plot .over .line{stroke:var(--exposed);stroke-width:2.2}
.plot .over .area{fill:var(--exposed-tint)}
.plot .limit{stroke:var(--ink);stroke-width:1.2;stroke-dasharray:5 4}
ul.plain{padding-left:1.2rem;max-width:44rem}
ul.plain li{margin:.3rem 0}
dl{max-width:44rem}
dt{font-weight:600;margin-top:.8rem}
dd{margin:.1rem 0 0}
code{font:.95em ui-monospace,"DejaVu Sans Mono",monospace;background:var(--track);padding:.05em .35em;
border-radius:.25em}
footer{margin-top:3.5rem;padding-top:1rem;padding-bottom:3rem;border-top:1px solid var(--line);font-size:.9rem;
color:var(--soft)}
@media screen and (max-width:48rem){.verdict{display:block;padding:1.1rem}.verdict svg{width:2.4rem;height:2.4rem}
table{min-width:0}table,tbody{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tbody tr{display:grid;grid-template-columns:1fr 7.5rem;gap:.1rem 1rem;padding:.7rem 0;border-top:1px solid var(--line)}
tbody th,tbody td{display:block;padding:0;border:0}
tbody th{grid-column:1;grid-row:1}tbody td:nth-of-type(4){grid-column:2;grid-row:1}
td.bar{grid-column:1;grid-row:2 / span 2;align-self:center}td.number{grid-column:2;font-size:.9rem}
td.number::before{content:attr(data-head) " ";color:var(--soft)}td.said{grid-column:1 / -1}}
@page{margin:16mm 14mm}
@media print{:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--track:#e6e6e6;--safe:#17643a;
--safe-tint:#eef6f0;--exposed:#a61b1b;--exposed-tint:#fdeeec;--unproven:#7a4d00;--unproven-tint:#fbf3e0;--curve:#2f5d8a;
--curve-tint:#dbe6f0}
html{color-scheme:light}body{font-size:10pt}main,header{max-width:none;padding:0}
.verdict,.plot,tr,figure,dt,dd{break-inside:avoid}.card{overflow:visible}h2,h3,h2+p,dt,.card header{break-after:avoid}
.frames{display:block;font-size:9pt}.frames li{display:inline-block;width:19%;margin:0 .4% 3mm;vertical-align:top}
.frames.pairs li{width:48%}
.plot{min-width:0}.verdict,.pill,.plot,.bars{-webkit-print-color-adjust:exact;print-color-adjust:exact}
table{min-width:0}}
"""
