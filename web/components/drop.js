// Dropzone: files, folders and pasted pictures from anywhere on the page go straight to the store.
//
// Nothing passes through Streamlit. A ticket (POST data.tickets) says where the bytes of one file
// go; they are sent as they are, with progress, and then confirmed. The queue belongs to the
// window: uploads go on while other pages of the application are shown.
//
// data: { tickets, token, collection, title, labels }; triggers: uploaded {documents}, link {url}

const ZONES = new WeakMap()
const WINDOW_QUEUE = Symbol.for("lectern.uploads")
const AT_ONCE = 3
const KEEP_DONE_MS = 4000
const GATHER_MS = 250

export default function ({ data, parentElement, setTriggerValue }) {
  let zone = ZONES.get(parentElement)
  if (!zone) ZONES.set(parentElement, (zone = new Zone(parentElement, windowQueue())))
  zone.update(data, setTriggerValue)
  return () => {
    zone.close()
    ZONES.delete(parentElement)
  }
}

/** Files on their way: a few at once, each cancellable, failed ones to be tried again. */
export class UploadQueue {
  /** @param transport {ticket(item, signal), send(item, ticket, onSent, signal), confirm(item, ticket, signal)} */
  constructor(transport, atOnce = AT_ONCE) {
    this.transport = transport
    this.atOnce = atOnce
    this.items = []
    this.listeners = new Set()
    this.numbers = 0
  }

  add(files, target) {
    const added = files.map(({ file, name }) => ({
      number: ++this.numbers, file, name, target, size: file.size, sent: 0, state: "waiting", problem: null,
    }))
    this.items.push(...added)
    this.pump()
    return added
  }

  cancel(item) {
    if (item.state === "done") return
    item.state = "cancelled"
    item.abort?.abort()
    this.items = this.items.filter(each => each !== item)
    this.pump()
  }

  retry(item) {
    if (item.state !== "failed" && item.state !== "known") return
    item.allowDuplicate = item.state === "known"
    Object.assign(item, { state: "waiting", sent: 0, problem: null })
    this.pump()
  }

  /** Forget what is finished; what is on its way stays. */
  clear(states) {
    this.items = this.items.filter(item => !states.includes(item.state))
    this.tell()
  }

  get busy() {
    return this.items.some(item => ["waiting", "sending", "confirming"].includes(item.state))
  }

  pump() {
    const running = this.items.filter(item => ["sending", "confirming"].includes(item.state)).length
    const next = this.items.filter(item => item.state === "waiting").slice(0, this.atOnce - running)
    for (const item of next) this.run(item)
    this.tell()
  }

  async run(item) {
    item.state = "sending"
    item.abort = new AbortController()
    const { signal } = item.abort
    try {
      const ticket = await this.transport.ticket(item, signal)
      await this.transport.send(item, ticket, sent => { item.sent = sent; this.tell() }, signal)
      item.state = "confirming"
      item.sent = item.size
      this.tell()
      item.document = await this.transport.confirm(item, ticket, signal)
      item.state = item.document.duplicate_of ? "known" : "done"
    } catch (problem) {
      if (item.state !== "cancelled") Object.assign(item, { state: "failed", problem })
    }
    this.pump()
  }

  tell() {
    for (const listener of this.listeners) listener()
  }
}

/** What went wrong with a request: `status` 0 means that it did not get through. */
export class UploadProblem extends Error {
  constructor(status, detail = "", code = "") {
    super(detail || String(status))
    this.status = status
    this.detail = detail
    this.code = code
  }
}

/** The way over HTTP. A URL of another origin (presigned) gets neither cookie nor token. */
export const overHttp = {
  async ticket(item, signal) {
    const { file, name, size, target } = item
    const body = { collection: target.collection, name, size_bytes: size, content_type: file.type }
    if (item.allowDuplicate) body.allow_duplicate = true
    return ask(target.tickets, target.token, body, signal)
  },

  send(item, ticket, onSent, signal) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest() // fetch does not tell how much was sent
      const url = new URL(ticket.upload_url, location.href)
      request.open("PUT", url)
      const headers = { ...ticket.headers }
      if (url.origin === location.origin) headers["X-CSRF-Token"] = item.target.token
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
      request.upload.onprogress = event => onSent(event.loaded)
      request.onload = () =>
        request.status < 300 ? resolve() : reject(problemOf(request.status, request.responseText))
      request.onerror = () => reject(new UploadProblem(0))
      request.onabort = () => reject(new UploadProblem(0))
      signal.addEventListener("abort", () => request.abort())
      request.send(item.file)
    })
  },

  confirm(item, ticket, signal) {
    return ask(ticket.confirm_url, item.target.token, {}, signal)
  },
}

async function ask(url, token, body, signal) {
  let response
  try {
    response = await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": token },
      body: JSON.stringify(body),
      signal,
    })
  } catch {
    throw new UploadProblem(0)
  }
  const text = await response.text()
  if (!response.ok) throw problemOf(response.status, text)
  return JSON.parse(text)
}

/** Returns why an upload failed: in the reader's words if there are any, else in the server's. */
export function reasonOf(problem, { labels, problems }) {
  if (!(problem instanceof UploadProblem) || problem.status === 0) return labels.no_connection
  if (problem.status === 401) return labels.signed_out
  if (problem.status === 413) return labels.too_large
  const said = Object.hasOwn(problems, problem.code) ? problems[problem.code] : ""
  return said || problem.detail || filled(labels.refused, { status: problem.status })
}

function problemOf(status, text) {
  try {
    const { detail, code } = JSON.parse(text)
    return new UploadProblem(status, String(detail ?? ""), String(code ?? ""))
  } catch {
    return new UploadProblem(status)
  }
}

/** Files worth sending: no hidden ones, no locks of office programs, nothing of the system's. */
export function worthSending(path) {
  const parts = path.split("/")
  const name = parts.at(-1)
  return !parts.some(part => part.startsWith(".")) && !name.startsWith("~$") && !["Thumbs.db", "desktop.ini"].includes(name)
}

/** All files of a dropped entry with their way from it, so that two of one name stay apart. */
export async function filesIn(entry, way = "") {
  const name = way + entry.name
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject))
    return [{ file, name }]
  }
  const reader = entry.createReader()
  const found = []
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject))
    if (!some.length) return found // browsers give at most 100 at a time
    for (const child of some) found.push(...await filesIn(child, name + "/"))
  }
}

/** A name of its own for a pasted picture: every browser calls all of them image.png. */
export function pastedName(name, now) {
  const stamp = new Date(now - now.getTimezoneOffset() * 60000).toISOString().slice(0, 19)
  return name.replace(/^image(?=\.\w+$)/, `pasted ${stamp.replace("T", " ").replaceAll(":", ".")}`)
}

export function sizeText(bytes) {
  const units = ["B", "KB", "MB", "GB"]
  const power = bytes < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** power
  return `${value >= 100 || power === 0 ? Math.round(value) : value.toFixed(1)} ${units[power]}`
}

export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole)
}

function windowQueue() {
  if (!window[WINDOW_QUEUE]) {
    const queue = (window[WINDOW_QUEUE] = new UploadQueue(overHttp))
    window.addEventListener("beforeunload", event => { if (queue.busy) event.preventDefault() })
  }
  return window[WINDOW_QUEUE]
}

function element(tag, className, text) {
  const made = document.createElement(tag)
  if (className) made.className = className
  if (text != null) made.textContent = text
  return made
}

/** The visible part: the place to drop on, the veil while something is dragged, the list. */
class Zone {
  constructor(root, queue) {
    this.queue = queue
    this.find = selector => root.querySelector(selector)
    this.rows = new Map()
    this.told = new Set()
    this.listen()
    this.draw = () => this.render()
    queue.listeners.add(this.draw)
  }

  update(data, fire) {
    this.data = data
    this.fire = fire
    const { labels } = data
    this.find(".lead").textContent = labels.drop
    this.find(".files").textContent = labels.choose_files
    this.find(".folder").textContent = labels.choose_folder
    this.find(".veil b").textContent = filled(labels.release, { title: data.title })
    this.find(".all .again").textContent = labels.retry_all
    this.find(".all .clear").textContent = labels.dismiss
    this.render()
  }

  listen() {
    const [files, folder] = [this.find("input.some"), this.find("input.whole")]
    this.find(".files").onclick = () => files.click()
    this.find(".folder").onclick = () => folder.click()
    for (const input of [files, folder]) {
      input.onchange = () => {
        this.take([...input.files].map(file => ({ file, name: file.webkitRelativePath || file.name })))
        input.value = ""
      }
    }
    this.find(".all .again").onclick = () => this.mine("failed").forEach(item => this.queue.retry(item))
    this.find(".all .clear").onclick = () => this.queue.clear(["failed", "known", "done"])
    const carries = event => [...(event.dataTransfer?.types ?? [])].includes("Files")
    let inside = 0
    this.events = {
      dragenter: event => { if (carries(event)) { event.preventDefault(); inside++; this.veil(true) } },
      dragover: event => { if (carries(event)) { event.preventDefault(); event.dataTransfer.dropEffect = "copy" } },
      dragleave: event => { if (carries(event) && --inside <= 0) { inside = 0; this.veil(false) } },
      drop: event => { if (carries(event)) { event.preventDefault(); inside = 0; this.veil(false); this.dropped(event) } },
      paste: event => this.pasted(event),
      keydown: event => { if (event.key === "Escape") { inside = 0; this.veil(false) } },
    }
    for (const [name, listener] of Object.entries(this.events)) document.addEventListener(name, listener)
  }

  close() {
    for (const [name, listener] of Object.entries(this.events)) document.removeEventListener(name, listener)
    this.queue.listeners.delete(this.draw)
    clearTimeout(this.gathering)
  }

  veil(shown) {
    const veil = this.find(".veil")
    if (veil.matches(":popover-open") !== shown) shown ? veil.showPopover() : veil.hidePopover()
  }

  async dropped(event) {
    const items = [...event.dataTransfer.items] // gone after the first await
    const entries = items.map(item => item.webkitGetAsEntry?.()).filter(Boolean)
    const loose = [...event.dataTransfer.files].map(file => ({ file, name: file.name }))
    this.say(this.data.labels.reading)
    try {
      this.take(entries.length ? (await Promise.all(entries.map(entry => filesIn(entry)))).flat() : loose)
    } catch {
      this.say(this.data.labels.unreadable, true)
    }
  }

  pasted(event) {
    const target = event.composedPath()[0]
    if (target.isContentEditable || ["INPUT", "TEXTAREA"].includes(target.tagName)) return
    const files = [...(event.clipboardData?.files ?? [])]
    const text = event.clipboardData?.getData("text/plain").trim() ?? ""
    if (files.length) this.take(files.map(file => ({ file, name: pastedName(file.name, new Date()) })))
    else if (/^https?:\/\/\S+$/.test(text)) this.fire("link", { url: text })
  }

  take(files) {
    const { tickets, token, collection, labels } = this.data
    const wanted = files.filter(({ name }) => worthSending(name))
    const skipped = files.length - wanted.length
    this.say(skipped ? filled(labels.skipped, { count: skipped }) : "", false)
    if (wanted.length) this.queue.add(wanted, { tickets, token, collection })
  }

  say(text, bad = false) {
    const line = this.find(".said")
    line.textContent = text
    line.classList.toggle("bad", bad)
  }

  mine(state) {
    return this.queue.items.filter(item => item.state === state)
  }

  render() {
    if (!this.data) return
    const { items } = this.queue
    for (const [number, row] of this.rows) {
      if (!items.some(item => item.number === number)) { row.root.remove(); this.rows.delete(number) }
    }
    for (const item of items) this.show(item)
    this.find(".list").hidden = !items.length
    this.find(".all").hidden = this.mine("failed").length < 2
    this.announce()
  }

  show(item) {
    const { labels } = this.data
    let row = this.rows.get(item.number)
    if (!row) this.rows.set(item.number, (row = this.made(item)))
    row.root.className = "row " + item.state
    row.bar.value = item.size ? item.sent / item.size : item.state === "waiting" ? 0 : 1
    row.state.textContent = this.stateText(item)
    row.again.hidden = item.state !== "failed" && item.state !== "known"
    row.again.textContent = item.state === "known" ? labels.keep_both : labels.retry
    row.stop.hidden = item.state === "done"
    const over = item.state === "failed" || item.state === "known"
    row.stop.ariaLabel = filled(over ? labels.dismiss_one : labels.cancel_one, { name: item.name })
  }

  made(item) {
    const root = element("li")
    const name = element("span", "name", item.name)
    name.title = item.name
    const state = element("span", "state")
    const bar = element("progress")
    bar.ariaLabel = filled(this.data.labels.progress_of, { name: item.name })
    const again = element("button", "again")
    const stop = element("button", "stop", "✕")
    again.type = stop.type = "button"
    again.onclick = () => this.queue.retry(item)
    stop.onclick = () => this.queue.cancel(item)
    root.append(name, state, again, stop, bar)
    this.find(".list").append(root)
    return { root, bar, state, again, stop }
  }

  stateText(item) {
    const { labels } = this.data
    const share = item.size ? Math.floor((item.sent / item.size) * 100) : 100
    if (item.state === "sending") return `${share} % · ${sizeText(item.size)}`
    if (item.state === "done") return item.document?.duplicate ? labels.duplicate : labels.done
    if (item.state === "known") return filled(labels.duplicate_of, { name: item.document.name })
    if (item.state === "failed") return this.reason(item.problem)
    return labels[item.state]
  }

  reason(problem) {
    return reasonOf(problem, this.data)
  }

  /** Tell the server page of finished uploads, a batch at a time, and let their rows go. */
  announce() {
    const fresh = this.mine("done").filter(item => !this.told.has(item.number))
    if (!fresh.length || this.gathering) return
    this.gathering = setTimeout(() => {
      this.gathering = 0
      const done = this.mine("done").filter(item => !this.told.has(item.number))
      done.forEach(item => this.told.add(item.number))
      if (done.length) this.fire("uploaded", { documents: done.map(item => item.document?.document_id) })
      setTimeout(() => this.queue.clear(["done"]), KEEP_DONE_MS)
    }, GATHER_MS)
  }
}
