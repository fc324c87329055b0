import { style as reportStyle } from "../../html/style.ts"

/** The report's style sheet, with that of an inspection's bars and gallery. */
export const style = `${reportStyle}
h1{overflow-wrap:anywhere}
.figures{background:var(--card)}
.figures .figure{box-shadow:0 0 0 1px var(--rule)}
.charts{align-items:start}
.bars rect{fill:var(--line)}
.bars .axis{stroke:var(--rule)}
.bars g:hover rect{fill:var(--ink)}
.share{display:inline-block;width:5rem;height:.5rem;background:var(--rule);border-radius:4px;overflow:hidden;vertical-align:middle}
.share i{display:block;height:100%;background:var(--line)}
.counts{width:100%;max-width:44rem}
.counts td,.counts th{overflow-wrap:anywhere}
.counts td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.counts th[scope=row]{font-weight:500}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,220px),1fr));gap:16px}
.gallery article{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:12px;min-width:0}
.gallery img{display:block;width:100%;aspect-ratio:1;object-fit:contain;background:#fff;border-radius:4px}
.gallery ul{margin:8px 0 0;padding:0;list-style:none;font-size:.9375rem;overflow-wrap:anywhere}
.gallery li+li{margin-top:4px;padding-top:4px;border-top:1px solid var(--rule)}
.gallery small{display:block;margin-top:8px;overflow-wrap:anywhere}
.fine{color:var(--right)}
.faulty{color:var(--heat)}
@media (max-width:480px){.share{width:2.5rem}.counts td,.counts th{padding-right:8px}.gallery{grid-template-columns:1fr 1fr;gap:10px}.gallery article{padding:8px}}
`
