// A button that puts text into the clipboard. The text comes as data and never becomes HTML.

const SHOWN_MS = 1600

export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button")
  if (!button || !data) return
  const say = text => {
    button.title = text
    button.ariaLabel = text
  }
  say(data.label)
  button.onclick = async () => {
    const done = await copied(data.text)
    button.classList.toggle("done", done)
    say(done ? data.copied : data.failed)
    setTimeout(() => {
      button.classList.remove("done")
      say(data.label)
    }, SHOWN_MS)
  }
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copiedTheOldWay(text) // without TLS a browser has no clipboard
  }
}

function copiedTheOldWay(text) {
  const field = document.createElement("textarea")
  field.value = text
  field.style.position = "fixed"
  field.style.opacity = "0"
  document.body.append(field)
  field.select()
  const done = document.execCommand("copy")
  field.remove()
  return done
}
