// Makes the README's image from a run's report: node .github/image.mjs runs/emoji
import { readFileSync, writeFileSync } from "node:fs"
import sharp from "sharp"

const run = process.argv[2] ?? "runs/emoji"
const report = readFileSync(`${run}/report.html`, "utf8")
const section = (from, to) => report.slice(report.indexOf(from), report.indexOf(to, report.indexOf(from)))
const articles = (text) => text.split('<article class="example').slice(1)
const caption = (article) => /<h4>([^<]*)<\/h4>/.exec(article)[1]
const shown = 5
const cell = 88

const text = (x, y, content, size = 13, weight = "normal", anchor = "start") =>
  `<text x="${x}" y="${y}" font-family="DejaVu Sans, sans-serif" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" fill="#222">${content}</text>`
const placed = (x, y, inner, side = 100) => `<svg x="${x}" y="${y}" width="${cell - 8}" height="${cell - 8}" viewBox="0 0 ${side} ${side}">${inner}</svg>`
const image = (uri) => `<image href="${uri}" width="100" height="100"/>`

// Colours are the report's own, which its style sheet gives by class.
const coloured = (svg) =>
  svg.replaceAll('class="hidden"', 'fill="#3b4252"').replaceAll('class="heat"', 'fill="#d9480f"').replaceAll('class="faded"', 'opacity="0.45"')
const clip = (words, most) => (words.length > most ? `${words.slice(0, most - 1)}…` : words)

const masks = articles(section('<section id="masks"', "</section>"))
  .slice(0, shown)
  .map((article, row) => {
    const drawn = [...article.matchAll(/<svg [^>]*>(.*?)<\/svg>/gs)].map((match) => coloured(match[1]))
    const y = 70 + row * (cell + 18)
    return text(20, y + cell + 5, clip(caption(article), 44), 11) + drawn.map((inner, i) => placed(20 + i * cell, y, inner)).join("")
  })
const names = ["whole", "text-guided", "random", "how often"]
const found = articles(section("<h3>Images for a text</h3>", "</section>"))
  .slice(0, shown)
  .map((article, row) => {
    const y = 70 + row * (cell + 18)
    const tiles = [...article.matchAll(/<span class="tile[^"]*">(.*?)<\/span>/gs)].map(([tile], i) => {
      const right = tile.includes("right") || tile.includes("✓")
      const frame = right ? '<rect x="1" y="1" width="98" height="98" fill="none" stroke="#2b8a3e" stroke-width="4"/>' : ""
      return placed(430 + i * cell, y, image(/src="([^"]*)"/.exec(tile)[1]) + frame)
    })
    return text(430, y + cell + 5, `“${clip(caption(article), 52)}”`, 11) + tiles.join("")
  })
const height = 70 + shown * (cell + 18) + 10
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="890" height="${height}" viewBox="0 0 890 ${height}"><rect width="890" height="${height}" fill="#fff"/>
${text(20, 28, "What is hidden from the student", 15, "bold")}${names.map((name, i) => text(20 + i * cell + 40, 54, name, 11, "normal", "middle")).join("")}
${text(430, 28, "Images found for a text (style never trained on)", 15, "bold")}${text(430, 54, "best first; a green frame is a right one", 11)}
${masks.join("")}${found.join("")}</svg>`
const png = await sharp(Buffer.from(svg), { density: 96 }).png({ palette: true, quality: 80, effort: 10 }).toBuffer()
writeFileSync(new URL("result.png", import.meta.url), png)
console.log(`.github/result.png: ${png.length} bytes`)
