/** Says which language the page is in, for screen readers and hyphenation. */
export default function (component) {
  document.documentElement.lang = component.data.language
}
