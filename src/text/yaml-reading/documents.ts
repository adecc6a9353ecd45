import {constructFromEvents, EVENT_ID, type Event, getScalarValue, parseEvents} from 'js-yaml'
import {textSchema, withinLimits} from '../yaml.ts'

/** A place in a text. Lines and columns count from 1. */
export interface Position {
  line: number
  column: number
}

/** A document of a YAML text. */
export interface YamlDocument {
  value: unknown
  /** The first value of the document. */
  start: Position
  /**
   * Returns the position of a value: of its key in a map, of the item in a list. For a path that the document does not have, it
   * is the position of the last part that exists.
   */
  positionOf(path: readonly (string | number)[]): Position
}

/**
 * Parses all documents of a text like `loadTexts`, with the position of every value. Empty documents are left out.
 *
 * @throws YAMLException of js-yaml
 */
export function loadDocuments(text: string): YamlDocument[] {
  const events = withinLimits(text, () => parseEvents(text, {}))
  const locate = locator(text)
  return documentsIn(events).flatMap(own => {
    const [value] = withinLimits(text, () => constructFromEvents(own, {source: text, schema: textSchema}))
    if (value === null || value === undefined) return []
    const positions = positionsIn(own, text)
    const start = locate(positions.get('')!)
    return [{value, start, positionOf: path => locate(deepest(positions, path))}]
  })
}

/** The events of each document, with those that begin and end it. */
function documentsIn(events: readonly Event[]): Event[][] {
  const starts = events.flatMap(({type}, at) => (type === EVENT_ID.DOCUMENT ? [at] : []))
  return starts.map((start, at) => events.slice(start, starts[at + 1]))
}

/** A collection whose end has not been reached. */
interface Open {
  path: string
  /** Number of items in a list. Undefined for a map. */
  items: number | undefined
  /** Key of a map whose value follows. */
  key: {text: string; offset: number} | undefined
}

/** Offsets by path. A key that contains the separator could only be reported at the place of another one. */
function positionsIn(events: readonly Event[], text: string): Map<string, number> {
  const positions = new Map<string, number>()
  const open: Open[] = []
  for (const event of events) {
    if (event.type === EVENT_ID.DOCUMENT) continue
    if (event.type === EVENT_ID.POP) {
      open.pop()
      continue
    }
    const parent = open.at(-1)
    if (parent && parent.items === undefined && parent.key === undefined) {
      // A key is no collection, which js-yaml has refused. That of an alias is not found by its text.
      const key = event.type === EVENT_ID.SCALAR ? getScalarValue(text, event) : ''
      parent.key = {text: key, offset: offsetOf(event)}
      continue
    }
    const {path, offset} = placeIn(parent, event)
    if (!positions.has(path)) positions.set(path, offset)
    if (isCollection(event)) open.push({path, items: event.type === EVENT_ID.SEQUENCE ? 0 : undefined, key: undefined})
  }
  return positions
}

/** The path and the offset of a value. Its parent counts it. */
function placeIn(parent: Open | undefined, event: Event): {path: string; offset: number} {
  if (!parent) return {path: '', offset: offsetOf(event)}
  if (parent.items !== undefined) return {path: pathOf(parent.path, parent.items++), offset: offsetOf(event)}
  const {text, offset} = parent.key!
  parent.key = undefined
  return {path: pathOf(parent.path, text), offset}
}

const pathOf = (parent: string, part: string | number) => `${parent}\0${part}`

function isCollection({type}: Event): boolean {
  return type === EVENT_ID.SEQUENCE || type === EVENT_ID.MAPPING
}

function offsetOf(event: Event): number {
  if (event.type === EVENT_ID.SCALAR) return event.valueStart < 0 ? 0 : event.valueStart
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart
  return event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING ? event.start : 0
}

function deepest(positions: ReadonlyMap<string, number>, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const offset = positions.get(path.slice(0, length).reduce<string>(pathOf, ''))
    if (offset !== undefined) return offset
  }
  return positions.get('')!
}

/** Returns a function that converts offsets. js-yaml ends a line at LF, CRLF and CR. */
function locator(text: string): (offset: number) => Position {
  const starts = [0, ...[...text.matchAll(/\r\n|\n|\r/g)].map(({0: end, index}) => index + end.length)]
  return offset => {
    let [low, high] = [0, starts.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (starts[middle]! <= offset) low = middle
      else high = middle
    }
    return {line: low + 1, column: offset - starts[low]! + 1}
  }
}
