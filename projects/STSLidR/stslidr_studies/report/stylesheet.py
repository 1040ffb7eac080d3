"""How the report looks: light and dark, from a phone's width up."""

STYLESHEET = """
:root { color-scheme: light dark; --ground: #fff; --text: #1c1d22; --soft: #5b5f6b;
  --line: #dcdee5; --panel: #f5f6f9; --accent: #0b6e99; }
@media (prefers-color-scheme: dark) { :root { --ground: #15161a; --text: #e8e9ee; --soft: #a3a8b5;
  --line: #34363f; --panel: #1f2127; --accent: #6cc3ea; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); line-height: 1.55;
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  overflow-wrap: anywhere; }
main { max-width: 1180px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: .4em 0 .2em; }
h2 { font-size: 1.3rem; margin: 2.4em 0 .5em; padding-top: .6em;
  border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.6em 0 .4em; }
p, ul { max-width: 75ch; margin: .6em 0; }
.soft, figcaption { color: var(--soft); font-size: .92rem; }
nav { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 1em 0; font-size: .95rem; }
a { color: var(--accent); }
.tiles { display: grid; gap: 12px; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr));
  margin: 1.2em 0; }
.tile { background: var(--panel); border: 1px solid var(--line); border-radius: 10px;
  padding: 12px 16px; }
.tile b { display: block; font-size: 1.7rem; line-height: 1.3; }
.tile span { color: var(--soft); font-size: .9rem; }
.scroll { overflow-x: auto; margin: 1em 0; }
table { border-collapse: collapse; font-size: .93rem; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 12px; text-align: right; border-bottom: 1px solid var(--line);
  overflow-wrap: normal; }
th:first-child, td:first-child { text-align: left; }
thead th { vertical-align: bottom; border-bottom: 2px solid var(--line); }
table.text td, table.text th { text-align: left; }
table:not(.text) td:not(:first-child) { white-space: nowrap; }
tr.total td { border-top: 2px solid var(--line); }
figure { margin: 0; min-width: 0; }
figure img { display: block; width: 100%; height: auto; border-radius: 6px; }
figcaption { margin-top: 4px; }
.grid { display: grid; gap: 16px; margin: 1em 0; grid-template-columns: 1fr; }
@media (min-width: 700px) { .grid.two { grid-template-columns: 1fr 1fr; }
  .grid.three { grid-template-columns: 1fr 1fr 1fr; } }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: .8em 0; padding: 0;
  list-style: none; max-width: none; font-size: .92rem; }
.legend i { display: inline-block; width: .85em; height: .85em; border-radius: 3px;
  margin-right: .45em; vertical-align: -.06em; border: 1px solid var(--line); }
.scale { max-width: 420px; margin: 1em 0; }
.scale img { display: block; width: 100%; height: 16px; border-radius: 4px; }
.scale div { display: flex; justify-content: space-between; font-size: .9rem; }
pre { overflow-x: auto; background: var(--panel); border: 1px solid var(--line);
  border-radius: 8px; padding: 10px 14px; font-size: .88rem; overflow-wrap: normal; }
code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .92em; }
details { margin: 1em 0; }
summary { cursor: pointer; }
"""
