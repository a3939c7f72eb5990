/** The panel's look. Colours are custom properties, so that a clinic can put its own. */
const CSS = `
:host{--ink:#16302c;--soft:#4a625e;--paper:#fff;--ground:#f3f7f6;--line:#d5e1de;--mine:var(--psoas-accent,#0b6b61);--on-mine:var(--psoas-on-accent,#fff);--alarm:#b3261e;--alarm-ground:#fdecea;--focus:#d97706;color-scheme:light}
:host([data-theme=dark]){--ink:#e9f2f0;--soft:#a9bfba;--paper:#1b2a28;--ground:#111c1b;--line:#36504b;--mine:#7fd6c8;--on-mine:#06231f;--alarm:#ffb4ab;--alarm-ground:#4a1512;--focus:#fbbf24;color-scheme:dark}
@media (prefers-color-scheme:dark){:host(:not([data-theme=light])){--ink:#e9f2f0;--soft:#a9bfba;--paper:#1b2a28;--ground:#111c1b;--line:#36504b;--mine:#7fd6c8;--on-mine:#06231f;--alarm:#ffb4ab;--alarm-ground:#4a1512;--focus:#fbbf24;color-scheme:dark}}
.panel{position:fixed;z-index:2147483001;inset-block-end:calc(20px + env(safe-area-inset-bottom,0px));inset-inline-end:20px;width:min(420px,calc(100vw - 40px));height:min(720px,calc(100dvh - 40px));display:flex;flex-direction:column;background:var(--ground);color:var(--ink);border-radius:20px;box-shadow:0 16px 48px rgb(0 30 26/.32);overflow:hidden;font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
.panel[hidden]{display:none}
.panel.inline,.panel.page{position:static;width:100%;height:100%;min-height:520px;border-radius:16px;box-shadow:none;border:1px solid var(--line)}
.panel *{box-sizing:border-box}
.head{display:flex;align-items:center;gap:8px;padding:12px 8px 12px 18px;background:var(--paper);border-block-end:1px solid var(--line)}
.head h2{margin:0;font-size:17px;line-height:1.3}
.head p{margin:0;font-size:13px;color:var(--soft)}
.head>div:first-child{flex:1}
.icon{min-width:44px;min-height:44px;border:0;border-radius:12px;background:none;color:var(--ink);font-size:20px;cursor:pointer}
.icon:hover{background:var(--ground)}
:is(button,a,textarea,input,summary,[tabindex]):focus-visible{outline:3px solid var(--focus);outline-offset:2px}
.menu{position:relative}
.menu ul{position:absolute;z-index:2;inset-block-start:46px;inset-inline-end:0;min-width:240px;margin:0;padding:6px;list-style:none;background:var(--paper);border:1px solid var(--line);border-radius:14px;box-shadow:0 8px 28px rgb(0 30 26/.24)}
.menu ul[hidden]{display:none}
.menu li button{width:100%;min-height:44px;padding:8px 12px;border:0;border-radius:10px;background:none;color:var(--ink);font:inherit;text-align:start;cursor:pointer}
.menu li button:hover{background:var(--ground)}
.scroll{flex:1;overflow-y:auto;overscroll-behavior:contain;padding:16px 14px 8px;position:relative}
.list{display:flex;flex-direction:column;gap:10px;margin:0;padding:0;list-style:none}
.list+.list{margin-block-start:10px}
.message{max-width:88%;content-visibility:auto;contain-intrinsic-size:auto 72px}
.message.patient{align-self:flex-end}
.message.system,.message.wide{max-width:100%}
.bubble{padding:10px 14px;border-radius:18px;background:var(--paper);border:1px solid var(--line);overflow-wrap:anywhere}
.patient .bubble{background:var(--mine);color:var(--on-mine);border-color:transparent;border-end-end-radius:6px}
.assistant .bubble,.staff .bubble{border-end-start-radius:6px}
.staff .bubble{border-inline-start:4px solid var(--mine)}
.system .bubble{background:none;border-style:dashed;color:var(--soft);font-size:14px}
.mark{display:block;margin-block-start:2px;font-size:12px;color:var(--soft);text-align:end}
.mark.bad{color:var(--alarm)}
.bubble a{color:inherit;text-underline-offset:2px}
.choices{display:flex;flex-wrap:wrap;gap:8px;margin-block-start:8px}
.chip,.option,.go{min-height:44px;padding:9px 16px;border-radius:22px;border:1.5px solid var(--mine);background:var(--paper);color:var(--mine);font-family:inherit;font-size:15px;font-weight:600;line-height:1.3;cursor:pointer;text-align:start}
.link{display:inline-block;margin-block-start:8px;text-decoration:none}
.ask>.go{position:sticky;z-index:1;inset-block-end:6px;box-shadow:0 0 0 6px var(--paper)}
.thumbs{display:flex;align-items:center;gap:2px;min-height:36px;font-size:13px;color:var(--soft)}
.thumb{width:36px;height:36px;padding:9px;border:0;border-radius:18px;background:none;color:var(--soft);cursor:pointer}
.thumb svg{width:18px;height:18px;fill:none;stroke:currentColor;stroke-width:2}
.thumb.down svg{transform:rotate(180deg)}
.thumb:hover{background:var(--paper)}
.thumb[aria-pressed=true]{color:var(--mine)}
.thumb[aria-pressed=true] svg{fill:currentColor}
.days,.hours{display:flex;flex-wrap:wrap;gap:8px}
.day{min-height:44px;padding:8px 14px;border:1.5px solid var(--line);border-radius:14px;background:var(--paper);color:var(--ink);font-family:inherit;font-size:15px;font-weight:600;line-height:1.3;cursor:pointer}
.day[aria-pressed=true]{background:var(--mine);border-color:var(--mine);color:var(--on-mine)}
.hours{padding-block-start:8px;border-block-start:1px solid var(--line)}
.ask p{margin:0}
.picture{display:block;max-width:100%;max-height:240px;margin-block-start:8px;border-radius:14px;background:#fff}
.explained img{max-height:300px}
.chip:hover,.option:hover{background:var(--ground)}
.go{background:var(--mine);color:var(--on-mine);text-align:center}
.go[aria-disabled=true]{opacity:.55}
.option{display:flex;gap:10px;align-items:center;width:100%;border-radius:14px;border-color:var(--line);color:var(--ink);font-weight:500;line-height:1.35}
.option::before{content:"";flex:none;width:20px;height:20px;border:2px solid var(--soft);border-radius:6px}
.option[aria-checked=true]{border-color:var(--mine);background:var(--ground)}
.option[aria-checked=true]::before{background:var(--mine);border-color:var(--mine);box-shadow:inset 0 0 0 3px var(--paper)}
.dock{margin-block-start:10px}
.dock:empty{display:none}
.ask{display:flex;flex-direction:column;gap:8px;padding:12px;background:var(--paper);border:1px solid var(--line);border-radius:16px}
.scale{display:grid;grid-template-columns:repeat(11,1fr);gap:3px}
.scale button{min-width:0;min-height:44px;padding:0;border:1.5px solid var(--line);border-radius:10px;background:var(--paper);color:var(--ink);font-family:inherit;font-size:15px;font-weight:600;line-height:1;cursor:pointer}
.scale button[aria-checked=true]{background:var(--mine);color:var(--on-mine);border-color:var(--mine)}
.ends{display:flex;justify-content:space-between;font-size:13px;color:var(--soft)}
.stepper{display:flex;align-items:center;gap:8px}
.stepper input{width:90px;min-height:44px;border:1.5px solid var(--line);border-radius:12px;background:var(--paper);color:var(--ink);font-family:inherit;font-size:18px;font-weight:600;line-height:1;text-align:center}
.stepper button{width:44px;min-height:44px;border:1.5px solid var(--line);border-radius:12px;background:var(--paper);color:var(--ink);font-size:20px;cursor:pointer}
.body{display:flex;justify-content:center;gap:12px}
.body figure{margin:0;text-align:center;font-size:13px;color:var(--soft)}
.body svg{height:210px}
.body .region{fill:var(--line);stroke:var(--paper);stroke-width:2;cursor:pointer}
.body .region:hover{fill:#9cc5bd}
.body .region.on{fill:var(--mine)}
.body .shape{fill:var(--ground);stroke:var(--line);stroke-width:2}
form.write{display:flex;gap:8px;align-items:flex-end;padding:10px 14px calc(12px + env(safe-area-inset-bottom,0px));background:var(--paper);border-block-start:1px solid var(--line)}
form.write textarea{flex:1;min-height:46px;max-height:140px;padding:11px 14px;border:1.5px solid var(--soft);border-radius:18px;background:var(--paper);color:var(--ink);font:16px/1.4 system-ui,sans-serif;resize:none;field-sizing:content}
form.write textarea:focus-visible{outline:2px solid var(--mine);outline-offset:0;border-color:var(--mine)}
.scroll:focus-visible{outline-offset:-3px}
form.write textarea::placeholder{color:var(--soft)}
.notice{margin:0;padding:8px 16px;background:var(--alarm-ground);color:var(--ink);font-size:14px}
.notice a{color:var(--alarm);font-weight:700}
.notice[hidden]{display:none}
.dots{display:inline-flex;gap:5px;padding:12px 16px;margin-block-start:10px;border-radius:18px;background:var(--paper);border:1px solid var(--line)}
.dots[hidden]{display:none}
.dots i{width:8px;height:8px;border-radius:4px;background:var(--soft);animation:dot 1.2s infinite}
.dots i:nth-child(2){animation-delay:.2s}.dots i:nth-child(3){animation-delay:.4s}
@keyframes dot{0%,60%,100%{opacity:.3}30%{opacity:1}}
.card{padding:16px;border-radius:18px;background:var(--paper);border:1px solid var(--line)}
.card h3{margin:0 0 6px;font-size:18px;line-height:1.3}
.card h4{margin:12px 0 4px;font-size:14px;color:var(--soft)}
.card p{margin:4px 0}
.card ul,.card ol{margin:4px 0;padding-inline-start:20px}
.card img{display:block;width:100%;max-height:220px;object-fit:contain;margin-block:4px 8px;background:#fff;border-radius:12px}
.emergency{background:var(--alarm-ground);border:3px solid var(--alarm)}
.emergency h3{color:var(--alarm);font-size:21px}
.call{display:flex;justify-content:center;align-items:center;min-height:56px;margin-block:12px 4px;border-radius:16px;background:var(--alarm);color:#fff;font-weight:700;font-size:19px;text-decoration:none}
:host([data-theme=dark]) .call{color:#2b0705}
@media (prefers-color-scheme:dark){:host(:not([data-theme=light])) .call{color:#2b0705}}
.call.second{min-height:46px;background:none;color:var(--alarm);border:2px solid var(--alarm);font-size:16px}
:host([data-theme=dark]) .call.second{color:var(--alarm)}
.watch{border-inline-start:5px solid var(--focus)}
.result{border-inline-start:5px solid var(--mine);font-size:17px;font-weight:600}
.timer{display:flex;flex-wrap:wrap;gap:10px;align-items:center;margin-block-start:10px;padding:10px 12px;border-radius:14px;background:var(--ground)}
.timer output{flex:1;min-width:140px;font-weight:600}
.timer .clock{font-size:28px;font-variant-numeric:tabular-nums}
.stop{margin-block-start:10px;padding:8px 12px;border-radius:12px;background:var(--alarm-ground);font-size:14px}
.tip{margin-block-start:10px;padding:8px 12px;border-radius:12px;background:var(--ground)}
.card a:not(.call){color:var(--mine);text-underline-offset:3px}
.steps{color:var(--soft);font-size:13px}
.muscles{height:240px}
.newer{position:sticky;inset-block-end:4px;display:block;margin:6px auto 0;min-height:40px;padding:6px 16px;border:0;border-radius:20px;background:var(--ink);color:var(--paper);font-family:inherit;font-size:14px;font-weight:600;line-height:1;cursor:pointer}
.newer[hidden]{display:none}
.quiet{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (max-width:520px){.panel:not(.inline,.page){inset:var(--view-top,0) 0 auto;width:auto;height:var(--view,100dvh);border-radius:0}.head{padding-block-start:calc(10px + env(safe-area-inset-top,0px))}.message{max-width:94%}}
@media (min-width:521px){:host([data-position=left]) .panel:not(.inline,.page){inset-inline:20px auto}}
@media (max-width:360px){.scale{grid-template-columns:repeat(6,1fr)}.scroll{padding-inline:10px}}
@media (prefers-reduced-motion:reduce){.dots i{animation:none;opacity:.7}}
@media (forced-colors:active){.bubble,.card,.option,.chip,.go,.ask{border:1px solid ButtonText}.option[aria-checked=true]::before,.scale button[aria-checked=true],.body .region.on{forced-color-adjust:none;background:Highlight;fill:Highlight}}
`;

export function panelSheet() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  return sheet;
}
