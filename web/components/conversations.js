// The list of conversations: one element instead of two widgets a row. Text is textContent only.

const lists = new WeakMap()

/** Returns the index that an arrow key moves to among `count` rows, or null for another key. */
export function moved(key, index, count) {
  const steps = { ArrowDown: 1, ArrowUp: -1 }
  if (key === "Home") return 0
  if (key === "End") return count - 1
  return key in steps ? Math.min(count - 1, Math.max(0, index + steps[key])) : null
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".list")
  if (!root || !data) return undefined
  const list = lists.get(parentElement) ?? { open: null, renaming: null }
  lists.set(parentElement, list)
  list.data = data
  list.act = (kind, id, title = "") => setTriggerValue("act", { kind, id, title, at: Date.now() })
  list.draw = () => draw(root, list)
  list.draw()
  if (!list.away) {
    list.away = event => {
      if (list.open && !event.composedPath().includes(root)) {
        list.open = null
        list.draw()
      }
    }
    document.addEventListener("pointerdown", list.away)
  }
  return () => {
    document.removeEventListener("pointerdown", list.away)
    lists.delete(parentElement)
  }
}

function make(tag, className, text) {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (text !== undefined) element.textContent = text
  return element
}

function draw(root, list) {
  if (list.renaming && root.querySelector("input")) return // what is being typed stays
  const { groups, undo, more, labels, empty } = list.data
  const parts = []
  if (undo) {
    const note = make("div", "undo", undo.text)
    const button = make("button", "", labels.undo)
    button.dataset.key = "undo:"
    button.onclick = () => list.act("undo", undo.id)
    note.append(button)
    parts.push(note)
    clearTimeout(list.timer)
    list.timer = setTimeout(() => note.remove(), undo.milliseconds)
  }
  for (const group of groups) {
    const section = make("section")
    const heading = make("h3", "", group.label)
    const rows = make("ul")
    rows.append(...group.rows.map(row => drawRow(row, list)))
    section.append(heading, rows)
    parts.push(section)
  }
  if (!groups.length && empty) parts.push(make("p", "empty", empty))
  if (more) {
    const button = make("button", "more", labels.more)
    button.dataset.key = "more:"
    button.onclick = () => list.act("more", "")
    parts.push(button)
  }
  const focused = list.focus ? { key: list.focus, row: 0 } : focusOf(root)
  list.focus = null
  root.replaceChildren(...parts)
  if (focused) focusAgain(root, focused)
  root.onkeydown = event => key(event, root, list)
}

/** Returns which element has the focus, by its key and its row, or null: redrawing must keep it. */
function focusOf(root) {
  const element = root.getRootNode().activeElement
  if (!element || !root.contains(element)) return null
  const row = [...root.querySelectorAll("li")].indexOf(element.closest("li"))
  return { key: element.dataset.key ?? "", row: Math.max(0, row) }
}

/** Focuses the element of a key, else the menu that it was in, else the row that took its place. */
function focusAgain(root, { key, row }) {
  const elements = [...root.querySelectorAll("[data-key]")]
  const find = wanted => elements.find(element => element.dataset.key === wanted)
  const rows = root.querySelectorAll(".open")
  const found = find(key) ?? find(`menu${key.slice(key.indexOf(":"))}`)
  const target = found ?? rows[Math.min(row, rows.length - 1)]
  target?.focus({ preventScroll: true })
}

function drawRow(row, list) {
  const { labels, active } = list.data
  const item = make("li", row.id === active ? "active" : "")
  if (list.renaming === row.id) {
    item.append(nameField(row, list))
    return item
  }
  const open = make("button", "open", row.title)
  open.dataset.key = `open:${row.id}`
  open.title = row.title
  if (row.id === active) open.setAttribute("aria-current", "page")
  open.onclick = () => list.act("open", row.id)
  const menu = make("button", "menu", "⋯")
  menu.ariaLabel = `${labels.menu}: ${row.title}`
  menu.dataset.key = `menu:${row.id}`
  menu.ariaHasPopup = "menu"
  menu.ariaExpanded = String(list.open === row.id)
  menu.onclick = () => {
    list.open = list.open === row.id ? null : row.id
    list.focus = list.open ? `rename:${row.id}` : `menu:${row.id}`
    list.draw()
  }
  item.append(open, menu)
  if (list.open === row.id) item.append(choices(row, list))
  return item
}

function choices(row, list) {
  const { labels } = list.data
  const element = make("div", "choices")
  element.role = "menu"
  const choice = (name, label, act) => {
    const button = make("button", "", label)
    button.role = "menuitem"
    button.tabIndex = -1
    button.dataset.key = `${name}:${row.id}`
    button.onclick = () => {
      list.open = null
      act()
      list.draw()
    }
    element.append(button)
  }
  choice("rename", labels.rename, () => { list.renaming = row.id })
  choice("pin", row.pinned ? labels.unpin : labels.pin, () => {
    list.act(row.pinned ? "unpin" : "pin", row.id)
  })
  choice("delete", labels.delete, () => list.act("delete", row.id))
  return element
}

function nameField(row, list) {
  const field = make("input")
  field.value = row.title
  field.maxLength = 200
  field.ariaLabel = list.data.labels.rename
  let settled = false
  const finish = keep => {
    if (settled) return
    settled = true
    const title = field.value.trim()
    list.renaming = null
    if (keep && title && title !== row.title) {
      row.title = title
      list.act("rename", row.id, title)
    }
    field.remove()
    list.draw()
  }
  field.onkeydown = event => {
    event.stopPropagation()
    if (event.isComposing) return
    if (event.key !== "Enter" && event.key !== "Escape") return
    event.preventDefault() // else Enter presses the button that has the focus then
    list.focus = `open:${row.id}`
    finish(event.key === "Enter")
  }
  field.onblur = () => finish(true)
  requestAnimationFrame(() => {
    field.focus()
    field.select()
  })
  return field
}

function key(event, root, list) {
  if (list.open && (event.key === "Escape" || event.key === "Tab")) {
    list.focus = `menu:${list.open}`
    list.open = null
    list.draw()
    if (event.key === "Escape") event.stopPropagation() // it would stop an answer, too
    return
  }
  const among = event.target.role === "menuitem" ? "[role=menuitem]" : ".open"
  const rows = [...root.querySelectorAll(among)]
  const index = rows.indexOf(event.target)
  const target = index < 0 ? null : moved(event.key, index, rows.length)
  if (target === null) return
  event.preventDefault()
  rows[target].focus()
}
