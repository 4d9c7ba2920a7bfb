// Run by test_components.py, or alone: node --test tests/web/components.test.mjs
import assert from "node:assert/strict"
import { readFile } from "node:fs/promises"
import test from "node:test"

// A browser gets each component as text, too: no loader, no package.
async function component(name) {
  const url = new URL(`../../web/components/${name}.js`, import.meta.url)
  return import(`data:text/javascript,${encodeURIComponent(await readFile(url, "utf8"))}`)
}

const { cut, pictureWidth, placed, runs, zoomed } = await component("viewer")
const { described, isShortcut, position, reference } = await component("cite")
const { moved } = await component("conversations")
const { branching } = await component("mind_map")

test("a picture is at least as sharp as the screen, up to the widest there is", () => {
  assert.equal(pictureWidth(500), 640)
  assert.equal(pictureWidth(640), 640)
  assert.equal(pictureWidth(641), 1000)
  assert.equal(pictureWidth(9999), 2400)
})

test("a box keeps its place whatever the size of the page on the screen", () => {
  assert.deepEqual(placed([59.5, 84.2, 119, 168.4], [595, 842]), {
    left: "10%", top: "10%", width: "10%", height: "10%",
  })
})

test("words of one line become one run, and the next line begins another", () => {
  const words = [
    [10, 10, 20, 20, "A", 0, 0], [22, 9, 40, 21, "borrowed", 0, 0], [10, 30, 30, 40, "book", 0, 1],
  ]
  const found = runs(words)
  assert.deepEqual(found.map(run => run.text), ["A borrowed", "book"])
  assert.deepEqual([found[0].x1, found[0].y0, found[0].y1], [40, 9, 21])
})

test("a word left of the one before it begins a run: columns do not run together", () => {
  const found = runs([[300, 10, 320, 20, "right", 0, 0], [10, 10, 30, 20, "left", 0, 0]])
  assert.equal(found.length, 2)
})

test("zooming goes by steps and ends at both ends", () => {
  assert.equal(zoomed(1, 1), 1.25)
  assert.equal(zoomed(1, -1), 0.8)
  assert.equal(zoomed(4, 1), 4)
  assert.equal(zoomed(0.5, -1), 0.5)
})

test("offsets count code points, not halves of an emoji", () => {
  assert.deepEqual(cut("a😀bc", 1, 3), ["a", "😀b", "c"])
})

test("a citation's address says what it points to", () => {
  assert.deepEqual(reference("#cite-m1-3"), { message: "m1", number: 3, citation: null })
  assert.deepEqual(reference("/?c=x#cite-m1-3-0"), { message: "m1", number: 3, citation: 0 })
  assert.deepEqual(reference("#cite-m1-3-12u"), { message: "m1", number: 3, citation: 12 })
  assert.equal(reference("#cite-m1-"), null)
  assert.equal(reference("https://example.org"), null)
  assert.equal(reference(null), null)
})

test("a title has a place and a quote, which may hold the separator again", () => {
  assert.deepEqual(described("a.pdf · p. 1\u2003—\u2003one\u2003—\u2003two"), {
    place: "a.pdf · p. 1", quote: "one\u2003—\u2003two",
  })
  assert.deepEqual(described(undefined), { place: "", quote: "" })
})

test("a card stands below its link, above it at the bottom, and never outside", () => {
  const link = { left: 780, right: 800, top: 100, bottom: 110 }
  assert.deepEqual(position(link, [300, 100], [800, 600]), { left: 494, top: 116 })
  const low = { left: 10, right: 20, top: 580, bottom: 590 }
  assert.deepEqual(position(low, [300, 100], [800, 600]), { left: 10, top: 474 })
})

test("a slash is a shortcut only where nobody is typing", () => {
  const press = (over, typing) =>
    isShortcut({ key: "/", target: { closest: () => typing }, ...over })
  assert.equal(press({}, null), true)
  assert.equal(press({}, {}), false)
  assert.equal(press({ ctrlKey: true }, null), false)
  assert.equal(press({ key: "a" }, null), false)
})

test("arrows move within the list", () => {
  assert.equal(moved("ArrowDown", 0, 3), 1)
  assert.equal(moved("ArrowDown", 2, 3), 2)
  assert.equal(moved("ArrowUp", 0, 3), 0)
  assert.equal(moved("End", 0, 3), 2)
  assert.equal(moved("x", 0, 3), null)
})

test("a mind map begins with its first branches unfolded, and can unfold them all", () => {
  const leaf = { id: "0.0.0", children: [] }
  const nodes = [{ id: "0", children: [{ id: "0.0", children: [leaf] }] }, { id: "1", children: [] }]
  assert.deepEqual(branching(nodes, 1), ["0"])
  assert.deepEqual(branching(nodes), ["0", "0.0"])
})
