/** Light or dark as the signed-in person has chosen. Streamlit reads the choice from localStorage
 * when a page loads, under a name that ends with the path; so the page is loaded again, once. */
export default function (component) {
  const { theme, paths } = component.data
  const value = { light: '"Light"', dark: '"Dark"' }[theme] ?? null
  const nameOf = path => `stActiveTheme-${path}-v2`
  const here = nameOf(window.location.pathname)
  const differs = window.localStorage.getItem(here) !== value
  for (const path of [...paths, window.location.pathname]) {
    if (value === null) window.localStorage.removeItem(nameOf(path))
    else window.localStorage.setItem(nameOf(path), value)
  }
  const asked = window.sessionStorage.getItem("lectern-theme") ?? "system"
  window.sessionStorage.setItem("lectern-theme", theme)
  if (differs && asked !== theme) window.location.reload()
}
