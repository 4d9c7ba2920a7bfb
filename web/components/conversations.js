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
    button.onclick = () => list.act("more", "")
    parts.push(button)
  }
  root.replaceChildren(...parts)
  root.onkeydown = event => key(event, root, list)
}

function drawRow(row, list) {
  const { labels, active } = list.data
  const item = make("li", row.id === active ? "active" : "")
  if (list.renaming === row.id) {
    item.append(nameField(row, list))
    return item
  }
  const open = make("button", "open", row.title)
  open.title = row.title
  if (row.id === active) open.setAttribute("aria-current", "page")
  open.onclick = () => list.act("open", row.id)
  const menu = make("button", "menu", "⋯")
  menu.ariaLabel = `${labels.menu}: ${row.title}`
  menu.ariaExpanded = String(list.open === row.id)
  menu.onclick = () => {
    list.open = list.open === row.id ? null : row.id
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
  const choice = (label, act) => {
    const button = make("button", "", label)
    button.role = "menuitem"
    button.onclick = () => {
      list.open = null
      act()
      list.draw()
    }
    element.append(button)
  }
  choice(labels.rename, () => { list.renaming = row.id })
  choice(row.pinned ? labels.unpin : labels.pin, () => {
    list.act(row.pinned ? "unpin" : "pin", row.id)
  })
  choice(labels.delete, () => list.act("delete", row.id))
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
    if (event.key === "Enter") finish(true)
    if (event.key === "Escape") finish(false)
  }
  field.onblur = () => finish(true)
  requestAnimationFrame(() => {
    field.focus()
    field.select()
  })
  return field
}

function key(event, root, list) {
  if (event.key === "Escape" && list.open) {
    list.open = null
    list.draw()
    return
  }
  const rows = [...root.querySelectorAll(".open")]
  const index = rows.indexOf(event.target)
  const target = index < 0 ? null : moved(event.key, index, rows.length)
  if (target === null) return
  event.preventDefault()
  rows[target].focus()
}
