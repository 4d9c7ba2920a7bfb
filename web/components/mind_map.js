// A mind map as nested lists: each branch unfolds, opens its page, and can be asked about.
//
// Plain lists and buttons, so that a keyboard and a screen reader know them without being taught.
// Titles come out of documents and models; they only ever become textContent.

const OPEN_LEVELS = 1
const unfolded = new WeakMap()

/** Returns the ids of all branches with something under them, down to `levels`. */
export function branching(nodes, levels = Infinity) {
  return nodes.flatMap(node =>
    node.children.length && levels > 0 ? [node.id, ...branching(node.children, levels - 1)] : [])
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".map")
  let state = unfolded.get(parentElement)
  if (state?.map !== data.map) {
    state = { map: data.map, open: new Set(branching(data.nodes, OPEN_LEVELS)) }
    unfolded.set(parentElement, state)
  }
  const tell = (name, value) => setTriggerValue(name, { ...value, at: Date.now() })

  function draw(focused) {
    const list = listOf(data.nodes)
    list.ariaLabel = data.label
    root.replaceChildren(...(branching(data.nodes).length ? [tools()] : []), list)
    if (focused) root.querySelector(`[data-fold="${focused}"]`)?.focus()
  }

  function tools() {
    const bar = element("div", "tools")
    const everything = branching(data.nodes)
    for (const [name, open] of [["unfold_all", everything], ["fold_all", []]]) {
      const made = button("all", data.labels[name], () => {
        state.open = new Set(open)
        draw(name)
      })
      made.dataset.fold = name
      bar.append(made)
    }
    return bar
  }

  function listOf(nodes) {
    const list = element("ul")
    list.role = "list" // without bullets some readers no longer take it for one
    list.append(...nodes.map(item))
    return list
  }

  function item(node) {
    const made = element("li")
    const row = element("div", "row")
    const open = state.open.has(node.id)
    if (node.children.length) {
      const fold = button("fold", "", () => {
        if (!state.open.delete(node.id)) state.open.add(node.id)
        draw(node.id)
      })
      fold.dataset.fold = node.id
      fold.ariaExpanded = String(open)
      fold.ariaLabel = `${data.labels[open ? "fold" : "unfold"]}: ${node.title}`
      row.append(fold)
    } else {
      row.append(element("span", "leaf"))
    }
    const title = button("title", node.title, () =>
      tell("open", { id: node.id, width: globalThis.innerWidth }))
    title.append(" ", element("span", "pages", node.pages))
    row.append(title)
    if (node.ask) {
      const ask = button("ask", "?", () => tell("ask", { id: node.id }))
      ask.ariaLabel = ask.title = node.ask
      row.append(ask)
    }
    made.append(row)
    if (open && node.children.length) made.append(listOf(node.children))
    return made
  }

  draw()
}

function button(className, text, onClick) {
  const made = element("button", className, text)
  made.type = "button"
  made.onclick = onClick
  return made
}

function element(tag, className, text) {
  const made = document.createElement(tag)
  if (className) made.className = className
  if (text != null) made.textContent = text
  return made
}
