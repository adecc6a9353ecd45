/** Colors of a picture (an element of class `picture`), light and dark, as variables. */
export const pictureColors = `.picture { --back: #ffffff; --box: #f6f8fa; --line: #57606a; --text: #1f2328; --soft: #57606a; --warning: #9a6700; --broken: #cf222e; }
@media (prefers-color-scheme: dark) {
  .picture { --back: #0d1117; --box: #161b22; --line: #8b949e; --text: #e6edf3; --soft: #9198a1; --warning: #d29922; --broken: #f85149; }
}
`

/** Colors of an HTML page, light and dark, as variables, and the box model of its elements. */
export const pageColors = `:root { color-scheme: light dark; --page: #ffffff; --ink: #1f2328; --rule: #d0d7de; --focus: #0969da; --red: #cf222e; --amber: #9a6700; }
@media (prefers-color-scheme: dark) {
  :root { --page: #0d1117; --ink: #e6edf3; --rule: #30363d; --focus: #4493f8; --red: #f85149; --amber: #d29922; }
}
* { box-sizing: border-box; }
`
