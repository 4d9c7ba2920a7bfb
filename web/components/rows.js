// A list of things (documents, collections) as one element: select, act, open, by pointer or keys.
//
// The data contract stands in rows.py. Names and reasons come from documents and people: they only
// ever become textContent. Selection lives here, so that choosing costs no way to the server.

const LISTS = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  let list = LISTS.get(parentElement)
  if (!list) LISTS.set(parentElement, (list = new List(parentElement.querySelector(".rows"))))
  list.fire = setTriggerValue
  list.show(data)
  return () => {
    list.close()
    LISTS.delete(parentElement)
  }
}

/** The rows from one to another, both included, whichever comes first. */
export function between(ids, from, to) {
  const [a, b] = [ids.indexOf(from), ids.indexOf(to)]
  if (a < 0 || b < 0) return [to]
  return ids.slice(Math.min(a, b), Math.max(a, b) + 1)
}

/** The actions that every one of the chosen rows allows, in the order of `bulk`. */
export function allowed(bulk, chosen) {
  return bulk.filter(action => chosen.every(item => item.allows.includes(action.name)))
}

function element(tag, className, text) {
  const made = document.createElement(tag)
  if (className) made.className = className
  if (text != null) made.textContent = text
  return made
}

const ICONS = {
  page: "M6 2h8l4 4v16H6zM14 2v4h4M9 12h6M9 16h6",
  table: "M4 5h16v14H4zM4 10h16M4 15h16M10 5v14",
  slides: "M3 5h18v11H3zM12 16v4M8 20h8",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01",
  mail: "M3 6h18v12H3zM3 7l9 6 9-6",
  code: "M9 8l-4 4 4 4M15 8l4 4-4 4",
  shelf: "M5 4v16M10 4v16M15 5l4 14M3 20h18",
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  svg.setAttribute("viewBox", "0 0 24 24")
  svg.setAttribute("aria-hidden", "true")
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path")
  path.setAttribute("d", ICONS[name] ?? ICONS.page)
  svg.append(path)
  return svg
}

class List {
  constructor(root) {
    this.root = root
    this.chosen = new Set()
    this.last = null
    this.drawn = new Map()
    this.head = element("div", "head")
    this.body = element("ul", "body")
    root.replaceChildren(this.head, this.body)
    this.body.onkeydown = event => this.key(event)
    this.outside = event => { if (!event.composedPath().includes(this.root)) this.closeMenu() }
    document.addEventListener("pointerdown", this.outside)
  }

  close() {
    document.removeEventListener("pointerdown", this.outside)
  }

  get ids() {
    return this.data.items.map(item => item.id)
  }

  show(data) {
    this.data = data
    this.body.ariaLabel = data.label
    const known = new Set(this.ids)
    this.chosen = new Set([...this.chosen].filter(id => known.has(id)))
    for (const [id, row] of this.drawn) if (!known.has(id)) { row.root.remove(); this.drawn.delete(id) }
    data.items.forEach((item, index) => {
      const shape = JSON.stringify([item, data.labels, data.bulk?.length])
      let row = this.drawn.get(item.id)
      if (row?.shape !== shape) {
        const made = this.row(item)
        const focused = row?.root.contains(this.root.getRootNode().activeElement)
        row?.root.replaceWith(made)
        row = { root: made, shape }
        this.drawn.set(item.id, row)
        if (focused) made.querySelector("a").focus()
      }
      if (this.body.children[index] !== row.root) this.body.insertBefore(row.root, this.body.children[index] ?? null)
    })
    this.mark()
  }

  /** One row; drawn again only when something of it has changed. */
  row(item) {
    const { labels, bulk } = this.data
    const root = element("li", `row ${item.tone ?? ""}`)
    root.dataset.id = item.id
    if (bulk?.length) {
      const box = element("input", "box")
      box.type = "checkbox"
      box.ariaLabel = labels.select.replace("{name}", item.title)
      box.onclick = event => this.choose(item.id, event.shiftKey)
      root.append(box)
    }
    const badge = element("span", "icon")
    badge.append(icon(item.icon))
    const text = element("div", "text")
    const link = element("a", "title", item.title)
    link.href = item.href
    link.onclick = event => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return
      event.preventDefault()
      this.fire("open", { id: item.id })
    }
    text.append(link)
    if (item.details.length || item.tags.length) text.append(this.details(item))
    if (item.steps?.length) text.append(this.steps(item))
    if (item.note) text.append(this.note(item.note))
    root.append(badge, text)
    if (item.state) root.append(element("span", `state ${item.tone ?? ""}`, item.state))
    if (item.actions.length) root.append(...this.actions(item))
    return root
  }

  details(item) {
    const line = element("p", "details")
    for (const detail of item.details) line.append(element("span", "", detail))
    for (const tag of item.tags) line.append(element("span", "tag", tag))
    return line
  }

  steps(item) {
    const box = element("div", "progress")
    const steps = element("ol", "steps")
    for (const step of item.steps) {
      const each = element("li", step.state, step.label)
      if (step.state === "now") each.ariaCurrent = "step"
      steps.append(each)
    }
    box.append(steps)
    if (item.share) {
      const bar = element("progress")
      bar.max = item.share.whole
      bar.value = item.share.done
      bar.ariaLabel = item.share.label
      box.append(bar, element("span", "share", item.share.label))
    }
    return box
  }

  note({ reason, advice }) {
    const box = element("div", "note")
    box.append(element("p", "reason", reason))
    if (advice) box.append(element("p", "advice", advice))
    return box
  }

  actions(item) {
    const { labels } = this.data
    const first = item.actions.filter(action => action.first).map(action => this.button(action, item))
    const rest = item.actions.filter(action => !action.first)
    if (!rest.length) return first
    const more = element("button", "more", "⋯")
    more.type = "button"
    more.ariaLabel = labels.more.replace("{name}", item.title)
    more.ariaHasPopup = "menu"
    more.onclick = () => this.openMenu(more, rest, item)
    return [...first, more]
  }

  button(action, item) {
    const made = element("button", action.danger ? "danger" : "", action.label)
    made.type = "button"
    made.onclick = () => { this.closeMenu(); this.fire("act", { name: action.name, ids: [item.id] }) }
    return made
  }

  openMenu(opener, actions, item) {
    const open = this.menu?.opener === opener
    this.closeMenu()
    if (open) return
    const menu = element("div", "menu")
    menu.role = "menu"
    menu.append(...actions.map(action => {
      const made = this.button(action, item)
      made.role = "menuitem"
      return made
    }))
    menu.onkeydown = event => {
      const all = [...menu.children]
      const at = all.indexOf(this.root.getRootNode().activeElement)
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key]
      if (event.key === "Escape") { this.closeMenu(); opener.focus() }
      else if (to !== undefined) { event.preventDefault(); all.at(to % all.length).focus() }
      event.stopPropagation()
    }
    opener.after(menu)
    opener.ariaExpanded = "true"
    this.menu = { opener, menu }
    menu.firstChild.focus()
  }

  closeMenu() {
    this.menu?.menu.remove()
    if (this.menu) this.menu.opener.ariaExpanded = "false"
    this.menu = null
  }

  choose(id, range = false) {
    const wanted = !this.chosen.has(id)
    const ids = range && this.last ? between(this.ids, this.last, id) : [id]
    for (const each of ids) wanted ? this.chosen.add(each) : this.chosen.delete(each)
    this.last = id
    this.mark()
  }

  /** Show what is chosen, and what can be done with it. */
  mark() {
    const { bulk, labels } = this.data
    for (const [id, { root }] of this.drawn) {
      const chosen = this.chosen.has(id)
      root.classList.toggle("chosen", chosen)
      const box = root.querySelector(".box")
      if (box) box.checked = chosen
    }
    this.head.hidden = !bulk?.length || !this.data.items.length
    if (this.head.hidden) return
    const focused = this.head.contains(this.root.getRootNode().activeElement)
    const all = element("input", "box")
    all.type = "checkbox"
    all.ariaLabel = labels.select_all
    all.checked = this.chosen.size === this.data.items.length
    all.indeterminate = this.chosen.size > 0 && !all.checked
    all.onclick = () => {
      this.chosen = new Set(all.checked ? this.ids : [])
      this.mark()
    }
    const chosen = this.data.items.filter(item => this.chosen.has(item.id))
    const count = element("span", "count", chosen.length ? labels.chosen.replace("{count}", chosen.length) : labels.select_all)
    count.role = "status"
    const buttons = chosen.length ? allowed(bulk, chosen).map(action => {
      const made = element("button", action.danger ? "danger" : "", action.label)
      made.type = "button"
      made.onclick = () => {
        this.fire("act", { name: action.name, ids: chosen.map(item => item.id) })
        if (action.ends) { this.chosen.clear(); this.mark() }
      }
      return made
    }) : []
    this.head.replaceChildren(all, count, ...buttons)
    this.head.classList.toggle("active", chosen.length > 0)
    if (focused) all.focus()
  }

  key(event) {
    const row = event.target.closest(".row")
    if (!row) return
    const rows = [...this.body.children]
    const at = rows.indexOf(row)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key]
    const selects = this.data.bulk?.length
    if (to !== undefined) {
      event.preventDefault()
      rows[Math.min(rows.length - 1, Math.max(0, to))].querySelector("a").focus()
    } else if (event.key === " " && selects && event.target.matches("a")) {
      event.preventDefault()
      this.choose(row.dataset.id, event.shiftKey)
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey) && selects) {
      event.preventDefault()
      this.chosen = new Set(this.ids)
      this.mark()
    } else if (event.key === "Escape" && this.chosen.size) {
      this.chosen.clear()
      this.mark()
    }
  }
}
