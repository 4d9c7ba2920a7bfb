// Run by test_upload_queue.py: `node --test`.
import assert from "node:assert/strict"
import { readFile } from "node:fs/promises"
import test from "node:test"

const source = await readFile(new URL("../../web/components/drop.js", import.meta.url), "utf8")
const module = await import("data:text/javascript;base64," + Buffer.from(source).toString("base64"))
const { UploadQueue, UploadProblem, filesIn, filled, pastedName, reasonOf, sizeText, worthSending } = module
const rows = await readFile(new URL("../../web/components/rows.js", import.meta.url), "utf8")
const { allowed, between } = await import("data:text/javascript;base64," + Buffer.from(rows).toString("base64"))

const TARGET = { tickets: "/api/uploads", token: "t", collection: "c" }
const file = (name, size = 10) => ({ file: { name, size, type: "" }, name })

function later() {
  const held = {}
  held.promise = new Promise((resolve, reject) => Object.assign(held, { resolve, reject }))
  return held
}

/** A way whose sending is decided by the test. */
function way() {
  const sends = new Map()
  return {
    sends,
    ticket: async item => ({ upload_url: "/up/" + item.name, confirm_url: "/ok/" + item.name }),
    send: (item, ticket, onSent) => {
      const held = later()
      sends.set(item.name, { ...held, onSent, ticket })
      return held.promise
    },
    confirm: async item => ({ document_id: "d-" + item.name, duplicate_of: item.known && !item.allowDuplicate ? "other" : null }),
  }
}

const settled = () => new Promise(resolve => setImmediate(resolve))

test("three are sent at once and the next when one is done", async () => {
  const transport = way()
  const queue = new UploadQueue(transport)
  const items = queue.add(["a", "b", "c", "d"].map(name => file(name)), TARGET)
  await settled()
  assert.deepEqual(items.map(item => item.state), ["sending", "sending", "sending", "waiting"])

  transport.sends.get("b").resolve()
  await settled()

  assert.deepEqual(items.map(item => item.state), ["sending", "done", "sending", "sending"])
  assert.equal(items[1].document.document_id, "d-b")
})

test("progress is told as it comes", async () => {
  const transport = way()
  const queue = new UploadQueue(transport)
  let told = 0
  queue.listeners.add(() => told++)
  const [item] = queue.add([file("a", 100)], TARGET)
  await settled()
  const before = told

  transport.sends.get("a").onSent(40)

  assert.equal(item.sent, 40)
  assert.equal(told, before + 1)
})

test("a failed upload waits to be tried again and holds nobody up", async () => {
  const transport = way()
  const queue = new UploadQueue(transport, 1)
  const [bad, good] = queue.add([file("bad"), file("good")], TARGET)
  await settled()

  transport.sends.get("bad").reject(new UploadProblem(413, "too large"))
  await settled()
  assert.deepEqual([bad.state, bad.problem.status, good.state], ["failed", 413, "sending"])

  transport.sends.get("good").resolve()
  await settled()
  queue.retry(bad)
  await settled()
  transport.sends.get("bad").resolve()
  await settled()

  assert.equal(bad.state, "done")
  assert.equal(queue.busy, false)
})

test("a cancelled upload is aborted and its place is taken", async () => {
  const transport = way()
  const queue = new UploadQueue(transport, 1)
  const [first, second] = queue.add([file("a"), file("b")], TARGET)
  await settled()

  queue.cancel(first)
  transport.sends.get("a").reject(new UploadProblem(0))
  await settled()

  assert.ok(first.abort.signal.aborted)
  assert.equal(first.state, "cancelled")
  assert.deepEqual(queue.items, [second])
  assert.equal(second.state, "sending")
})

test("known bytes are said to be so, and kept twice only when asked", async () => {
  const transport = way()
  const queue = new UploadQueue(transport)
  const [item] = queue.add([file("copy")], TARGET)
  item.known = true
  await settled()
  transport.sends.get("copy").resolve()
  await settled()
  assert.equal(item.state, "known")

  queue.retry(item)
  await settled()
  transport.sends.get("copy").resolve()
  await settled()

  assert.equal(item.state, "done")
})

test("a folder gives its files with their way, however many there are", async () => {
  const leaf = name => ({ isFile: true, name, file: done => done({ name }) })
  const folder = (name, children) => ({
    isFile: false,
    name,
    createReader: () => {
      const left = [...children]
      return { readEntries: done => done(left.splice(0, 100)) }
    },
  })
  const many = Array.from({ length: 250 }, (_, number) => leaf(number + ".txt"))

  const found = await filesIn(folder("top", [folder("sub", many), leaf("x.pdf")]))

  assert.equal(found.length, 251)
  assert.equal(found[0].name, "top/sub/0.txt")
  assert.equal(found.at(-1).name, "top/x.pdf")
})

test("what systems leave in folders is not sent", () => {
  assert.deepEqual(
    ["a/.DS_Store", ".git/config", "a/~$b.docx", "Thumbs.db", "a/b.docx"].map(worthSending),
    [false, false, false, false, true],
  )
})

test("a pasted picture gets a name of its own", () => {
  assert.match(pastedName("image.png", new Date()), /^pasted \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.png$/)
  assert.equal(pastedName("plan.png", new Date()), "plan.png")
})

test("sizes and sentences", () => {
  assert.deepEqual([0, 999, 1000, 1.4e6, 250e6, 3e12].map(sizeText), ["0 B", "999 B", "1.0 KB", "1.4 MB", "250 MB", "3000 GB"])
  assert.equal(filled("{a} and {b}", { a: 1 }), "1 and {b}")
})

test("a range of rows is chosen in either direction", () => {
  assert.deepEqual(between(["a", "b", "c", "d"], "c", "a"), ["a", "b", "c"])
  assert.deepEqual(between(["a", "b"], "gone", "b"), ["b"])
})

test("only what every chosen row allows is offered", () => {
  const bulk = [{ name: "retry" }, { name: "delete" }]
  assert.deepEqual(allowed(bulk, [{ allows: ["delete", "retry"] }, { allows: ["delete"] }]), [{ name: "delete" }])
})

test("a failed upload says why in the reader's words, else in the server's", () => {
  const data = {
    labels: { no_connection: "offline", signed_out: "out", too_large: "big", refused: "no: {status}" },
    problems: { not_found: "없습니다" },
  }
  assert.equal(reasonOf(new UploadProblem(404, "there is none", "not_found"), data), "없습니다")
  assert.equal(reasonOf(new UploadProblem(400, "as it is", "toString"), data), "as it is")
  assert.equal(reasonOf(new UploadProblem(500), data), "no: 500")
  assert.equal(reasonOf(new UploadProblem(413, "…", "too_large"), data), "big")
  assert.equal(reasonOf(new TypeError("…"), data), "offline")
})
