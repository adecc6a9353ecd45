/**
 * The script of the HTML page: pan, zoom, filter, details. It contains no values of clusters: all text stands in the
 * document, escaped. It has no `<` and no `&`, so that the page is well-formed XML too.
 */
export const pageScript = `
'use strict'
const svg = document.getElementById('picture')
const whole = svg.viewBox.baseVal
const home = {x: whole.x, y: whole.y, width: whole.width, height: whole.height}
let view = {...home}
const show = () => svg.setAttribute('viewBox', [view.x, view.y, view.width, view.height].join(' '))
const pointAt = event => new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse())
const zoom = (factor, at) => {
  const width = Math.min(home.width * 8, Math.max(home.width / 40, view.width * factor))
  const by = width / view.width
  view = {x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by, width, height: view.height * by}
  show()
}
const middle = () => ({x: view.x + view.width / 2, y: view.y + view.height / 2})
document.getElementById('in').addEventListener('click', () => zoom(0.8, middle()))
document.getElementById('out').addEventListener('click', () => zoom(1.25, middle()))
document.getElementById('fit').addEventListener('click', () => { view = {...home}; show() })
svg.addEventListener('wheel', event => {
  event.preventDefault()
  zoom(Math.exp(event.deltaY * 0.0015), pointAt(event))
}, {passive: false})

const pointers = new Map()
let moved = false
const distance = () => {
  const [one, other] = [...pointers.values()]
  return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY)
}
svg.addEventListener('pointerdown', event => {
  if (pointers.size === 0) moved = false
  pointers.set(event.pointerId, event)
})
svg.addEventListener('pointermove', event => {
  const before = pointers.get(event.pointerId)
  if (!before) return
  const far = Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY)
  // A tap may move a little.
  if (!moved) {
    if (4 > far) return
    moved = true
    svg.setPointerCapture(event.pointerId)
  }
  const apart = pointers.size === 2 ? distance() : 0
  const from = pointAt(before)
  pointers.set(event.pointerId, event)
  const to = pointAt(event)
  if (pointers.size === 2) zoom(apart / distance(), to)
  else {
    view = {...view, x: view.x - (to.x - from.x), y: view.y - (to.y - from.y)}
    show()
  }
})
for (const end of ['pointerup', 'pointercancel']) svg.addEventListener(end, event => pointers.delete(event.pointerId))

const details = document.getElementById('details')
const sections = [...details.querySelectorAll('section')]
const nodes = [...svg.querySelectorAll('.node')]
const open = id => {
  for (const section of sections) section.hidden = section.dataset.node !== id
  details.hidden = id === undefined
}
for (const node of nodes) {
  node.addEventListener('click', () => { if (!moved) open(node.dataset.node) })
  node.addEventListener('keydown', event => {
    if (event.key !== 'Enter' ? event.key !== ' ' : false) return
    event.preventDefault()
    open(node.dataset.node)
  })
}
document.getElementById('close').addEventListener('click', () => open(undefined))
document.addEventListener('keydown', event => { if (event.key === 'Escape') open(undefined) })

const filter = document.getElementById('filter')
filter.addEventListener('input', () => {
  const wanted = filter.value.trim().toLowerCase()
  const found = new Set(sections.filter(one => one.textContent.toLowerCase().includes(wanted)).map(one => one.dataset.node))
  for (const node of nodes) node.classList.toggle('dim', !found.has(node.dataset.node))
  for (const edge of svg.querySelectorAll('.edge'))
    edge.classList.toggle('dim', !(found.has(edge.dataset.from) ? found.has(edge.dataset.to) : false))
  document.getElementById('count').textContent = wanted === '' ? '' : found.size + ' of ' + nodes.length
})
`
