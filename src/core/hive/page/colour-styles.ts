/** The colours by their use, light and dark; each text is at least 4.5 times as bright as its ground, or as dark. */
export const colourStyles = `
:root{color-scheme:light dark;--ground:#f6f7f8;--card:#fff;--alarm:#fff5f4;--line:#dfe2e6;--edge:#7d8590;--ink:#1b1f24;--muted:#59626d;--ok:#1a6b3c;--warn:#855300;--bad:#b3201c;--accent:#1f4f8f;--on-accent:#fff;--focus:#3b82d6}
@media (prefers-color-scheme:dark){:root{--ground:#101317;--card:#171b21;--alarm:#261819;--line:#2a3038;--edge:#7a838f;--ink:#e4e7eb;--muted:#9aa4b0;--ok:#6cc592;--warn:#e0ab4f;--bad:#ff8a80;--accent:#8db8f0;--on-accent:#0d1420;--focus:#8db8f0}}
`;
