// How a duration is made up: one stacked bar with its legend. Labels are the page's own words.
//
// data: { label, total, items: [{ label, text, value, tone }] }, value and sum in milliseconds.

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".bars")
  const whole = data.items.reduce((sum, item) => sum + item.value, 0) || 1
  const bar = element("div", "bar")
  bar.role = "img"
  bar.ariaLabel = `${data.label}: ${data.items.map(item => `${item.label} ${item.text}`).join(", ")}`
  const legend = element("ul")
  for (const item of data.items) {
    const part = element("i", item.tone)
    part.style.flexGrow = Math.max(item.value / whole, 0.004)
    part.title = `${item.label}: ${item.text}`
    bar.append(part)
    const line = element("li")
    line.append(element("i", item.tone), element("span", "", item.label), element("b", "", item.text))
    legend.append(line)
  }
  const head = element("p", "head")
  head.append(element("span", "", data.label), element("b", "", data.total))
  root.replaceChildren(head, bar, legend)
}

function element(tag, className, text) {
  const made = document.createElement(tag)
  if (className) made.className = className
  if (text != null) made.textContent = text
  return made
}
