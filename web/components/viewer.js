// Page viewer: pictures of pages, exact boxes over them, and selectable text. No dependency.
//
// The data contract stands in viewer.py. Text of documents only ever becomes textContent.

const WIDTHS = [640, 1000, 1600, 2400] // what the catalog paints; anything else rounds up to these
const A4 = [595, 842]
const ZOOMS = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4]
const POINTED = "lectern:pointed"
const viewers = new WeakMap()

/** Returns the painted width that is sharp on `pixels` device pixels. */
export function pictureWidth(pixels) {
  return WIDTHS.find(width => width >= pixels) ?? WIDTHS.at(-1)
}

/** Returns a box [x0, y0, x1, y1] in points as CSS percentages of a page of [width, height]. */
export function placed([x0, y0, x1, y1], [width, height]) {
  const percent = (part, whole) => `${(100 * part) / whole}%`
  return {
    left: percent(x0, width),
    top: percent(y0, height),
    width: percent(x1 - x0, width),
    height: percent(y1 - y0, height),
  }
}

/** Returns words [x0, y0, x1, y1, text, block, line] as one run for each line of the page. */
export function runs(words) {
  const found = []
  for (const [x0, y0, x1, y1, text, block, line] of words) {
    const key = `${block}.${line}`
    const last = found.at(-1)
    if (last?.key === key && x0 >= last.x0) {
      last.text += ` ${text}`
      last.x1 = Math.max(last.x1, x1)
      last.y0 = Math.min(last.y0, y0)
      last.y1 = Math.max(last.y1, y1)
    } else found.push({ key, x0, y0, x1, y1, text })
  }
  return found
}

/** Tells this window what is pointed at; the cards of passages and the boxes on pages listen. */
function tell(id, from) {
  globalThis.dispatchEvent(new CustomEvent(POINTED, { detail: { id, from } }))
}

/** Returns the zoom after `zoom` in the direction of `step` (1 or -1). */
export function zoomed(zoom, step) {
  const at = ZOOMS.findIndex(each => each >= zoom - 0.001)
  return ZOOMS[Math.min(ZOOMS.length - 1, Math.max(0, at + step))]
}

/** Returns text cut at the code points `start` and `end`: before, between and behind them. */
export function cut(text, start, end) {
  const points = [...text]
  const piece = (from, to) => points.slice(from, to).join("")
  return [piece(0, start), piece(start, end), piece(end)]
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".viewer")
  if (!root || !data) return undefined
  let viewer = viewers.get(parentElement)
  const shape = `${data.document} ${data.revision} ${data.page_count}`
  if (viewer?.shape !== shape) {
    viewer?.close()
    viewer = build(root, data)
    viewer.shape = shape
    viewers.set(parentElement, viewer)
  }
  root.classList.toggle("tall", Boolean(data.tall))
  viewer.pick = index => setTriggerValue("pick", { index, at: Date.now() })
  viewer.show(data)
  return () => {
    viewers.get(parentElement)?.close()
    viewers.delete(parentElement)
  }
}

function build(root, data) {
  return data.page_count > 0 ? pagesViewer(root, data) : passagesViewer(root, data)
}

function make(tag, className, text) {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (text !== undefined) element.textContent = text
  return element
}

function button(className, sign, label, onclick) {
  const element = make("button", className, sign)
  element.type = "button"
  element.title = label
  element.ariaLabel = label
  element.onclick = onclick
  return element
}

/** The bar: title, the citations of this document to walk through, and further tools. */
function bar(viewer, data, ...tools) {
  const title = make("b", "title", data.title)
  title.title = data.title
  const walk = make("span", "walk")
  const current = make("span", "current")
  const step = by => {
    const { highlights, active } = viewer.data
    if (highlights.length) viewer.pick(((active ?? -1) + by + highlights.length) % highlights.length)
  }
  walk.append(
    button("", "↑", data.labels.previous_citation, () => step(-1)),
    current,
    button("", "↓", data.labels.next_citation, () => step(1)),
  )
  viewer.showCurrent = ({ highlights, active }) => {
    walk.hidden = highlights.length === 0
    walk.classList.toggle("single", highlights.length === 1)
    current.textContent = active == null ? "" : `[${highlights[active]?.number ?? ""}]`
  }
  const element = make("div", "bar")
  element.append(title, walk, ...tools)
  if (data.original_url) {
    const open = make("a", "original", "⤓")
    open.href = data.original_url
    open.target = "_blank"
    open.rel = "noopener"
    open.title = data.labels.original
    open.ariaLabel = data.labels.original
    element.append(open)
  }
  return element
}

/** Documents whose pages can be painted. */
function pagesViewer(root, data) {
  const viewer = { data, zoom: 1, shown: null, target: null }
  const base = `/api/pages/${encodeURIComponent(data.document)}`
  const field = make("input")
  field.type = "number"
  field.min = 1
  field.max = data.page_count
  field.value = 1
  field.ariaLabel = data.labels.page
  const turn = make("span", "turn")
  turn.append(
    button("", "‹", data.labels.previous, () => go(+field.value - 1)),
    field,
    make("span", "total", `/ ${data.page_count}`),
    button("", "›", data.labels.next, () => go(+field.value + 1)),
  )
  field.onchange = () => go(+field.value)
  const size = make("span", "size")
  size.append(
    button("", "−", data.labels.zoom_out, () => zoom(-1)),
    button("", "+", data.labels.zoom_in, () => zoom(1)),
  )
  const body = make("div", "body")
  body.tabIndex = 0
  body.role = "document"
  body.ariaLabel = data.title
  root.replaceChildren(bar(viewer, data, turn, size), body)

  const pages = Array.from({ length: data.page_count }, (_, index) => {
    const element = make("div", "page")
    element.dataset.number = index + 1
    element.onclick = event => pickAt(element, event)
    element.onpointermove = event => pointAt(markAt(element, event))
    element.onpointerleave = () => pointAt(null)
    body.append(element)
    return { element, number: index + 1, size: null, state: "unseen" }
  })
  let usual = A4
  resize()

  const near = new IntersectionObserver(
    entries => entries.forEach(entry => entry.isIntersecting && load(pageOf(entry.target))),
    { root: body, rootMargin: "500px 0px" },
  )
  pages.forEach(page => near.observe(page.element))
  body.onscroll = () => {
    field.value = pageAt(body.scrollTop + body.clientHeight / 3).number
  }
  // What the reader does ends our own scrolling to a place whose exact position is still loading.
  for (const kind of ["wheel", "touchstart", "keydown", "pointerdown"]) {
    body.addEventListener(kind, () => { viewer.target = null }, { passive: true })
  }

  function pageOf(element) {
    return pages[element.dataset.number - 1]
  }

  function pageAt(y) {
    let [low, high] = [0, pages.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (pages[middle].element.offsetTop - body.offsetTop <= y) low = middle
      else high = middle - 1
    }
    return pages[low]
  }

  function resize() {
    for (const page of pages) {
      const [width, height] = page.size ?? usual
      page.element.style.aspectRatio = `${width} / ${height}`
      page.element.style.width = `${viewer.zoom * 100}%`
    }
  }

  /** Runs `change` and keeps the line under the reader's eyes where it is. */
  function still(change) {
    const page = pageAt(body.scrollTop + 1)
    const into = (body.scrollTop - offset(page)) / (page.element.offsetHeight || 1)
    change()
    body.scrollTop = offset(page) + into * page.element.offsetHeight
    aim()
  }

  function offset(page) {
    return page.element.offsetTop - body.offsetTop
  }

  function zoom(step) {
    still(() => {
      viewer.zoom = zoomed(viewer.zoom, step)
      resize()
    })
  }

  function go(number) {
    const page = pages[Math.min(pages.length, Math.max(1, Math.round(number) || 1)) - 1]
    viewer.target = null
    body.scrollTop = offset(page) - 8
    field.value = page.number
  }

  async function load(page) {
    if (page.state !== "unseen") return
    page.state = "loading"
    page.element.querySelector(".trouble")?.remove()
    picture(page)
    try {
      const reply = await fetch(`${base}/${page.number}/words?r=${data.revision}`, {
        credentials: "same-origin",
      })
      if (!reply.ok) throw new Error(reply.status)
      const { width, height, words } = await reply.json()
      sized(page, [width, height])
      text(page, words)
    } catch {
      trouble(page)
    }
  }

  function picture(page) {
    page.element.querySelector("img")?.remove()
    const image = make("img")
    image.decoding = "async"
    image.alt = `${data.labels.page} ${page.number}`
    image.onload = () => {
      page.element.classList.add("painted")
    }
    image.onerror = () => trouble(page)
    const pixels = (body.clientWidth || 640) * viewer.zoom * (globalThis.devicePixelRatio || 1)
    image.src = `${base}/${page.number}.png?w=${pictureWidth(pixels)}&r=${data.revision}`
    page.element.prepend(image)
  }

  function sized(page, size) {
    const first = usual === A4 && pages.every(each => each.size === null)
    still(() => {
      page.size = size
      if (first) usual = size
      resize()
    })
    boxes(page)
    aim()
  }

  function trouble(page) {
    page.state = "broken"
    if (page.element.querySelector(".trouble")) return
    const note = make("div", "trouble")
    note.append(
      make("p", "", data.labels.page_failed),
      button("again", data.labels.try_again, data.labels.try_again, () => {
        note.remove()
        page.state = "unseen"
        load(page)
      }),
    )
    page.element.append(note)
  }

  function text(page, words) {
    const layer = make("div", "text")
    const [width, height] = page.size
    const spans = runs(words).map(run => {
      const span = make("span", "", run.text)
      const { left, top } = placed([run.x0, run.y0, run.x1, run.y1], page.size)
      Object.assign(span.style, { left, top, fontSize: `${(80 * (run.y1 - run.y0)) / height}cqh` })
      layer.append(span)
      return [span, (run.x1 - run.x0) / width]
    })
    page.element.querySelector(".text")?.remove()
    page.element.append(layer)
    const whole = page.element.clientWidth
    const widths = spans.map(([span]) => span.offsetWidth)
    spans.forEach(([span, share], index) => {
      if (widths[index]) span.style.transform = `scaleX(${(share * whole) / widths[index]})`
    })
    page.state = "loaded"
  }

  /** Marks let the mouse through, so that the text below them can be selected. */
  function markAt(element, { clientX, clientY }) {
    return [...element.querySelectorAll(".mark")].find(mark => {
      const { left, right, top, bottom } = mark.getBoundingClientRect()
      return left <= clientX && clientX <= right && top <= clientY && clientY <= bottom
    })
  }

  function pickAt(element, event) {
    if (event.target.closest("button") || !(globalThis.getSelection?.().isCollapsed ?? true)) return
    const hit = markAt(element, event)
    if (hit) viewer.pick(+hit.dataset.index)
  }

  /** Tells the card of what is under the pointer, or has the focus, here. */
  function pointAt(mark) {
    const id = mark ? viewer.data.highlights[mark.dataset.index].id : ""
    if (id === undefined || id === viewer.pointed || (!id && !viewer.pointing)) return
    viewer.pointing = Boolean(id)
    point(id)
    tell(id, "page")
  }

  function point(id) {
    viewer.pointed = id
    for (const mark of body.querySelectorAll(".mark")) {
      mark.classList.toggle("pointed", Boolean(id) && viewer.data.highlights[mark.dataset.index].id === id)
    }
  }

  /** Shows what is pointed at among the cards; with the keyboard its page comes into sight, too. */
  function pointed({ detail }) {
    if (detail.from === "page") return
    const index = viewer.data.highlights.findIndex(each => each.id && each.id === detail.id)
    if (detail.id && index < 0) return
    viewer.pointing = false // a page that scrolls away under the pointer changes nothing about it
    point(detail.id)
    if (!detail.focused || index < 0) return
    viewer.target = index
    aim()
  }
  globalThis.addEventListener?.(POINTED, pointed)

  function boxes(page) {
    const focused = page.element.getRootNode().activeElement
    const focus = focused?.matches(".mark") && page.element.contains(focused) ? focused.dataset.index : null
    page.element.querySelectorAll(".mark").forEach(mark => mark.remove())
    if (!page.size) return
    viewer.data.highlights.forEach((highlight, index) => {
      if (highlight.page !== page.number) return
      highlight.boxes.forEach((box, line) => {
        const mark = button(
          index === viewer.data.active ? "mark active" : highlight.quiet ? "mark quiet" : "mark",
          "",
          `${viewer.data.labels.citation} ${highlight.number}`,
          () => viewer.pick(index),
        )
        if (line > 0) mark.tabIndex = -1
        mark.dataset.number = highlight.number
        mark.dataset.index = index
        mark.onfocus = () => pointAt(mark)
        mark.onblur = () => pointAt(null)
        mark.classList.toggle("pointed", Boolean(highlight.id) && highlight.id === viewer.pointed)
        Object.assign(mark.style, placed(box, page.size))
        page.element.append(mark)
        if (line === 0 && focus === String(index)) mark.focus({ preventScroll: true })
      })
    })
  }

  /** Scrolls to the active highlight; again when the pages above it turn out higher or lower. */
  function aim() {
    const highlight = viewer.target === null ? null : viewer.data.highlights[viewer.target]
    const page = highlight && pages[highlight.page - 1]
    if (!page) return
    const [, height] = page.size ?? usual
    const top = highlight.boxes.length ? Math.min(...highlight.boxes.map(box => box[1])) : 0
    const into = page.size ? (top / height) * page.element.offsetHeight : 0
    body.scrollTop = offset(page) + into - (into ? body.clientHeight / 3 : 8)
    field.value = page.number
  }

  viewer.show = next => {
    viewer.data = next
    viewer.showCurrent(next)
    pages.forEach(boxes)
    if (next.active != null && viewer.shown !== next.nonce) {
      viewer.shown = next.nonce
      viewer.target = next.active
      const page = pages[next.highlights[next.active].page - 1]
      if (page) load(page)
      aim()
      requestAnimationFrame(aim)
    }
  }
  viewer.close = () => {
    near.disconnect()
    globalThis.removeEventListener?.(POINTED, pointed)
  }
  return viewer
}

/** Documents without pages to paint: the cited passages themselves, with the quote marked. */
function passagesViewer(root, data) {
  const viewer = { data, shown: null }
  const body = make("div", "body reading")
  body.tabIndex = 0
  body.role = "document"
  body.ariaLabel = data.title
  root.replaceChildren(bar(viewer, data), body)
  viewer.show = next => {
    viewer.data = next
    viewer.showCurrent(next)
    body.replaceChildren(...next.highlights.map((highlight, index) => passage(highlight, index)))
    if (next.active != null && viewer.shown !== next.nonce) {
      viewer.shown = next.nonce
      requestAnimationFrame(() => {
        const place = body.querySelector(".passage.active mark") ?? body.querySelector(".active")
        if (place) body.scrollTop = place.offsetTop - body.offsetTop - body.clientHeight / 4
      })
    }
  }
  viewer.close = () => {}

  function passage(highlight, index) {
    const active = index === viewer.data.active
    const element = make("article", active ? "passage active" : "passage")
    const head = button("number", `[${highlight.number}]`, viewer.data.labels.citation, () =>
      viewer.pick(index),
    )
    const [before, quote, behind] = cut(
      highlight.text ?? "", highlight.start ?? 0, highlight.end ?? 0,
    )
    const text = make("p", "", before)
    text.append(make("mark", "", quote), behind)
    element.append(head, make("span", "heading", highlight.heading ?? ""), text)
    return element
  }
  return viewer
}
