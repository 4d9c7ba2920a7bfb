// Citation links in native Markdown: a card on hover and focus, a click that opens the source.
//
// A link is [n](#cite-<message>-<n>[-<citation>[u]] "<place> <SEPARATOR> <quote>"): see parts/citations.py.
// Its title makes the card, so links work in any fragment without data of their own, and a browser
// without this script still shows it. Text only ever becomes textContent.

const SELECTOR = 'a[href*="#cite-"]'
const SEPARATOR = "\u2003—\u2003"
const GAP = 6
const bridges = new WeakMap()

/** Returns what a link's address points to, or null. */
export function reference(href) {
  const match = /#cite-(\w+)-(\d+)(?:-(\d+)u?)?$/.exec(href ?? "")
  if (!match) return null
  return { message: match[1], number: +match[2], citation: match[3] === undefined ? null : +match[3] }
}

/** Returns a title's two parts: where the passage stands, and what it says. */
export function described(title) {
  const [place, ...quote] = (title ?? "").split(SEPARATOR)
  return { place, quote: quote.join(SEPARATOR) }
}

/** Returns where a card of [width, height] goes for a link's rectangle in a window. */
export function position(link, [width, height], [windowWidth, windowHeight]) {
  const left = Math.max(GAP, Math.min(link.left, windowWidth - width - GAP))
  const below = link.bottom + GAP + height <= windowHeight
  return { left, top: below ? link.bottom + GAP : Math.max(GAP, link.top - height - GAP) }
}

/** Returns whether a key press is meant for the page, not for a field. */
export function isShortcut({ key, ctrlKey, metaKey, altKey, target }) {
  const typing = target?.closest?.("input, textarea, select, [contenteditable=true]")
  return key === "/" && !ctrlKey && !metaKey && !altKey && !typing
}

export default function (component) {
  const { parentElement, setTriggerValue } = component
  let bridge = bridges.get(parentElement)
  if (!bridge) {
    bridge = listen(parentElement.querySelector(".card"))
    bridges.set(parentElement, bridge)
  }
  bridge.open = found =>
    setTriggerValue("cite", { ...found, width: globalThis.innerWidth, at: Date.now() })
  return () => {
    bridge.close()
    bridges.delete(parentElement)
  }
}

function listen(card) {
  const bridge = {}
  const linkOf = event => event.target.closest?.(SELECTOR)

  /** Moves a link's title to where no second, native tooltip shows it. */
  function claim(link) {
    if (link.title) {
      link.dataset.card = link.title
      link.ariaLabel = `${link.textContent}: ${described(link.title).place}`
      link.removeAttribute("title")
    }
    return described(link.dataset.card)
  }

  function show(event) {
    const link = linkOf(event)
    if (!link) return
    const { place, quote } = claim(link)
    card.querySelector(".place").textContent = place
    card.querySelector(".quote").textContent = quote
    card.classList.add("shown")
    const { left, top } = position(
      link.getBoundingClientRect(), [card.offsetWidth, card.offsetHeight], [innerWidth, innerHeight],
    )
    card.style.left = `${left}px`
    card.style.top = `${top}px`
  }

  function hide(event) {
    if (!event || linkOf(event)) card.classList.remove("shown")
  }

  function open(event) {
    const link = linkOf(event)
    const found = link && reference(link.getAttribute("href"))
    if (!found) return
    event.preventDefault()
    event.stopPropagation()
    hide()
    document.querySelectorAll(`${SELECTOR}[aria-current]`).forEach(each => {
      each.removeAttribute("aria-current")
    })
    link.setAttribute("aria-current", "true")
    bridge.open(found)
  }

  function key(event) {
    if (event.key === "Escape") hide()
    if (!isShortcut(event)) return
    const field = document.querySelector('[data-testid="stChatInputTextArea"]')
    if (!field) return
    event.preventDefault()
    field.focus()
  }

  const listeners = [
    ["click", open, true], ["mouseover", show], ["mouseout", hide],
    ["focusin", show], ["focusout", hide], ["keydown", key],
  ]
  listeners.forEach(([kind, listener, capture]) => {
    document.addEventListener(kind, listener, capture)
  })
  bridge.close = () =>
    listeners.forEach(([kind, listener, capture]) => {
      document.removeEventListener(kind, listener, capture)
    })
  return bridge
}
