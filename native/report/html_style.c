/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The colours are those of renderer/style/tokens.css; paper is light. */
#include "html.h"

static const char light[] = ":root { color-scheme: light dark;\n"
			    "  --ground: #f3f5f7; --panel: #ffffff; --sunken: #eaedf1; --border: #d3d9e0;\n"
			    "  --text: #1a2028; --muted: #556070; --good: #0b6b3c; --good-ground: #e0f3e8;\n"
			    "  --warn: #7d4d00; --warn-ground: #fdf0d5; --bad: #b3211b; --bad-ground: #fce6e4;\n"
			    "  --free: #e2e7ed; --kept: #12857a; --changed: #d1242f; --zeroed: #3f6fd1;\n"
			    "  --ones: #c77700; --unreadable: #1a2028; --added: #12857a; --removed: #8b3fa8;\n"
			    "  --taken: #8b3fa8; --bar: #6a9fe0; }\n";

static const char dark[] = "@media screen and (prefers-color-scheme: dark) { :root {\n"
			   "  --ground: #12161b; --panel: #191e25; --sunken: #0e1115; --border: #313a46;\n"
			   "  --text: #e3e8ee; --muted: #9ba8b7; --good: #5fd397; --good-ground: #12301f;\n"
			   "  --warn: #f2bd5b; --warn-ground: #362608; --bad: #ff8e86; --bad-ground: #3d1614;\n"
			   "  --free: #2a323d; --kept: #2fb6a3; --changed: #ff5a52; --zeroed: #7ab0ff;\n"
			   "  --ones: #f2bd5b; --unreadable: #ffffff; --added: #2fb6a3; --removed: #d49bee;\n"
			   "  --taken: #d49bee; --bar: #3f78c2; } }\n";

static const char page[] =
	"* { box-sizing: border-box; margin: 0; }\n"
	"body { background: var(--ground); color: var(--text); padding: 24px; font: 14px/1.45 'Inter', 'Cantarell',\n"
	"  'Noto Sans', 'Segoe UI', 'Liberation Sans', system-ui, sans-serif; }\n"
	"main, footer { max-width: 1120px; margin: 0 auto; }\n"
	"footer { padding-top: 16px; color: var(--muted); font-size: 12px; }\n"
	"header, section { background: var(--panel); border: 1px solid var(--border); border-radius: 6px;\n"
	"  padding: 16px 20px; margin-bottom: 16px; }\n"
	"header { border-left: 6px solid; } header.good { border-left-color: var(--good); }\n"
	"header.bad { border-left-color: var(--bad); } header .what { color: var(--muted); }\n"
	"h1 { font-size: 28px; line-height: 1.25; } .good h1 { color: var(--good); } .bad h1 { color: var(--bad); }\n"
	"h2 { font-size: 17px; margin-bottom: 10px; } h3 { font-size: 14px; }\n"
	".summary { font-size: 16px; } .muted, .note { color: var(--muted); } .small { font-size: 12px; }\n"
	"h1, h3, p, dd, td, figcaption { overflow-wrap: anywhere; }\n"
	"dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; } dt { color: var(--muted); }\n"
	"code, .mono, dd.id { font-family: 'JetBrains Mono', 'Source Code Pro', 'Noto Sans Mono', 'DejaVu Sans Mono',\n"
	"  ui-monospace, monospace; font-size: 12px; }\n";

static const char parts[] =
	".badge { display: inline-block; padding: 1px 8px; border-radius: 10px; font-size: 12px; font-weight: 600;\n"
	"  background: var(--sunken); white-space: nowrap; }\n"
	".badge.pass, .badge.good { background: var(--good-ground); color: var(--good); }\n"
	".badge.warn { background: var(--warn-ground); color: var(--warn); }\n"
	".badge.fail, .badge.bad { background: var(--bad-ground); color: var(--bad); }\n"
	"ul { list-style: none; padding: 0; } li { padding: 8px 0; border-top: 1px solid var(--border); }\n"
	"li:first-child { border-top: 0; } .check { display: grid; grid-template-columns: 52px 1fr; gap: 8px; }\n"
	".card h3 { display: inline; margin: 0 8px; } .card p { margin-top: 6px; }\n"
	".charts { display: grid; grid-template-columns: 1fr 1fr; gap: 16px; margin-top: 8px; }\n"
	"svg { display: block; width: 100%; background: var(--sunken); border-radius: 3px; } .bars { height: 40px; }\n"
	".bars rect { fill: var(--bar); } .ends { display: flex; justify-content: space-between; }\n"
	"figure { margin-bottom: 14px; } .map { height: 64px; } figcaption { margin-bottom: 4px; }\n"
	".pages { fill: var(--free); } .kept { fill: var(--kept); } .lost { fill: var(--changed); }\n"
	".changed { fill: var(--changed); } .zeroed { fill: var(--zeroed); } .ones { fill: var(--ones); }\n"
	".unreadable { fill: var(--unreadable); } .added { fill: var(--added); } .removed { fill: var(--removed); }\n"
	".taken { fill: var(--taken); } .legend span { margin-right: 16px; white-space: nowrap; }\n"
	".legend svg { display: inline-block; width: 12px; height: 12px; margin-right: 5px; vertical-align: -1px; }\n"
	".sample { display: grid; grid-template-columns: 72px 1fr; margin-top: 6px; } .sample .at { grid-column: 1 / 3; }\n"
	".sample b { background: var(--bad-ground); color: var(--bad); }\n"
	"table { border-collapse: collapse; } th, td { padding: 3px 32px 3px 0; text-align: left;\n"
	"  border-top: 1px solid var(--border); vertical-align: top; } th { color: var(--muted); font-weight: 600; }\n"
	".number { text-align: right; font-variant-numeric: tabular-nums; } summary { cursor: pointer; }\n"
	"@media (max-width: 700px) { body { padding: 8px; } .charts { grid-template-columns: 1fr; } }\n"
	"@media print { body { padding: 0; background: #ffffff; font-size: 11px; } section, li, figure { break-inside: avoid; }\n"
	"  section.long { break-inside: auto; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }\n";

void html_style(FILE *to)
{
	fputs(light, to);
	fputs(dark, to);
	fputs(page, to);
	fputs(parts, to);
}
