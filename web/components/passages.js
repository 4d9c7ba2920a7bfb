// Passages of documents as cards: chunks of one document, or what a search found.
//
// The data contract stands in passages.py. Text comes from documents: it only ever becomes
// textContent; highlighted terms are runs of text in <mark>, tables are cells of text.

const LISTS = new WeakMap()
const POINTED = "lectern:pointed"

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".passages")
  let list = LISTS.get(parentElement)
  if (!list) {
    LISTS.set(parentElement, (list = { cards: new Map(), pointed: "" }))
    listen(root, list)
  }
  list.open = id => setTriggerValue("open", { id, wide: window.innerWidth >= 900 })
  list.more = () => setTriggerValue("more", { at: Date.now() })
  draw(root, list, data)
  return () => {
    list.close()
    LISTS.delete(parentElement)
  }
}

/** What is pointed at here is shown on its page, and what is pointed at on a page is shown here. */
function listen(root, list) {
  const pointed = ({ detail }) => {
    if (detail.from === "cards") return
    for (const [id, card] of list.cards) card.root.classList.toggle("pointed", id === detail.id)
  }
  const tell = (id, focused) => {
    if (list.pointed === id) return
    list.pointed = id
    window.dispatchEvent(new CustomEvent(POINTED, { detail: { id, focused, from: "cards" } }))
  }
  const idOf = event => event.target.closest(".card")?.dataset.id ?? ""
  root.onpointermove = event => tell(idOf(event), false) // not "over": cards scroll under a still pointer
  root.onpointerleave = () => tell("", false)
  root.addEventListener("focusin", event => {
    if (event.target.matches(":focus-visible")) tell(idOf(event), true)
  })
  root.addEventListener("focusout", () => tell("", false))
  root.onkeydown = event => walk(root, event)
  window.addEventListener(POINTED, pointed)
  list.close = () => window.removeEventListener(POINTED, pointed)
}

/** Goes from card to card with the arrows; what scrolls by itself keeps them. */
function walk(root, event) {
  if (!event.target.matches(".show")) return
  const shows = [...root.querySelectorAll(".card .show")]
  const at = shows.indexOf(event.target)
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shows.length - 1 }[event.key]
  if (to === undefined) return
  event.preventDefault()
  shows[Math.min(shows.length - 1, Math.max(0, to))].focus()
}

function element(tag, className, text) {
  const made = document.createElement(tag)
  if (className) made.className = className
  if (text != null) made.textContent = text
  return made
}

function draw(root, list, data) {
  root.ariaLabel = data.label
  root.classList.toggle("tall", Boolean(data.scrolls))
  const wanted = new Set(data.items.map(item => item.id))
  for (const [id, card] of list.cards) if (!wanted.has(id)) { card.root.remove(); list.cards.delete(id) }
  root.querySelector(".further")?.remove()
  data.items.forEach((item, index) => {
    const shape = JSON.stringify([item, data.labels])
    let card = list.cards.get(item.id)
    if (card?.shape !== shape) {
      const made = cardOf(item, data.labels, () => list.open(item.id))
      card?.root.replaceWith(made)
      list.cards.set(item.id, (card = { root: made, shape }))
    }
    if (root.children[index] !== card.root) root.insertBefore(card.root, root.children[index] ?? null)
    const active = item.id === data.active
    card.root.classList.toggle("active", active)
    card.root.ariaCurrent = active ? "true" : null
    if (active && list.shown !== `${data.active} ${data.seen}`) {
      list.shown = `${data.active} ${data.seen}`
      if (data.scrolls) requestAnimationFrame(() => reveal(root, card.root))
    }
  })
  if (data.more) {
    const further = element("button", "further", data.more)
    further.type = "button"
    further.onclick = list.more
    root.append(further)
  }
}

/** Scroll inside the list only: the page itself stays where the reader is. */
function reveal(root, card) {
  const top = card.offsetTop - root.offsetTop
  const seen = top >= root.scrollTop && top + card.offsetHeight <= root.scrollTop + root.clientHeight
  if (!seen) root.scrollTo({ top: top - 12, behavior: "smooth" })
}

function cardOf(item, labels, open) {
  const card = element("article", "card")
  card.dataset.id = item.id
  const head = element("header")
  const show = element("button", "show")
  show.type = "button"
  show.onclick = event => { event.stopPropagation(); open() }
  if (item.number != null) show.append(element("span", "number", item.number))
  if (item.source) show.append(element("b", "source", item.source))
  show.append(element("span", "place", item.place))
  head.append(show)
  if (item.kind) head.append(element("span", "kind", item.kind))
  if (item.relevance) head.append(meter(item.relevance, "whole"))
  card.append(head)
  if (item.headings.length) card.append(element("p", "headings", item.headings.join(" › ")))
  if (item.signals?.length) {
    const signals = element("div", "signals")
    signals.append(...item.signals.map(signal => meter(signal, signal.tone)))
    card.append(signals)
  }
  if (item.figure) card.append(figure(item, labels))
  const text = element("div", "words")
  for (const block of item.blocks) text.append(block.rows ? table(block) : runs(block.runs))
  card.append(text)
  if (item.subjects?.length) {
    const line = element("p", "subjects")
    line.append(...item.subjects.map(name => element("span", "subject", name)))
    card.append(line)
  }
  clamp(card, text, labels)
  // A click that ends a selection of text is no wish to open something.
  card.onclick = () => { if (!String(getSelection())) open() }
  return card
}

function meter({ label, text, share }, tone) {
  const box = element("span", `meter ${tone ?? ""}`)
  box.title = `${label}: ${text}`
  const bar = element("span", "bar")
  const fill = element("i")
  fill.style.width = `${Math.round(Math.max(0, Math.min(1, share)) * 100)}%`
  bar.append(fill)
  box.append(element("span", "what", label), bar, element("span", "much", text))
  return box
}

function figure(item, labels) {
  const image = element("img", "figure")
  image.src = item.figure
  image.alt = item.figure_label
  image.loading = "lazy"
  image.onerror = () => image.replaceWith(element("p", "lost", labels.figure_lost))
  return image
}

function runs(pieces) {
  const paragraph = element("p")
  for (const [text, hit] of pieces) paragraph.append(hit ? element("mark", "", text) : document.createTextNode(text))
  return paragraph
}

function table({ header, rows }) {
  const frame = element("div", "frame")
  frame.tabIndex = 0
  const made = element("table")
  const line = (cells, tag) => {
    const row = element("tr")
    for (const pieces of cells) {
      const cell = element(tag)
      cell.append(...runs(pieces).childNodes)
      row.append(cell)
    }
    return row
  }
  if (header) { const top = element("thead"); top.append(line(header, "th")); made.append(top) }
  const body = element("tbody")
  body.append(...rows.map(row => line(row, "td")))
  made.append(body)
  frame.append(made)
  return frame
}

/** Long passages begin folded; the button says so. */
function clamp(card, text, labels) {
  text.classList.add("folded")
  requestAnimationFrame(() => {
    if (text.scrollHeight <= text.clientHeight + 24) return text.classList.remove("folded")
    const unfold = element("button", "unfold", labels.show_all)
    unfold.type = "button"
    unfold.ariaExpanded = "false"
    unfold.onclick = event => {
      event.stopPropagation()
      const folded = text.classList.toggle("folded")
      unfold.textContent = folded ? labels.show_all : labels.show_less
      unfold.ariaExpanded = String(!folded)
    }
    text.after(unfold)
  })
}
