// Load this file only with `await import()`: it loads inquirer.
import {styleText} from 'node:util'
import {cursorHide} from '@inquirer/ansi'
import {
  createPrompt,
  isDownKey,
  isEnterKey,
  isSpaceKey,
  isUpKey,
  makeTheme,
  useKeypress,
  usePagination,
  usePrefix,
  useState,
} from '@inquirer/core'
import figures from '@inquirer/figures'

/** An option of a selection. */
export interface Choice {
  name: string
  value: string
  /** What the answered question shows (default: the name up to its first gap of three spaces). */
  short?: string
  checked?: boolean
  /** Why the option is not available. */
  disabled?: string
}

/** A question for any number of options, which can be filtered by typing. Texts are already escaped. */
export interface FilterQuestion {
  message: string
  choices: readonly Choice[]
  /** Minimum number of options. */
  atLeast: number
}

const style = {
  disabled: (text: string) => styleText('dim', text),
  help: 'type to filter • space select • ⏎ submit',
}

/** The rows that a filter leaves: every word must be part of the name. */
export function filtered(choices: readonly Choice[], filter: string): Choice[] {
  const words = filter.toLowerCase().split(/\s+/)
  return choices.filter(({name}) => words.every(word => name.toLowerCase().includes(word)))
}

/** The next row in a direction, from the last to the first and back. */
export function nextRow(rows: number, active: number, direction: 1 | -1): number {
  return rows === 0 ? 0 : (active + direction + rows) % rows
}

/**
 * Asks for any number of options. Inquirer's checkbox cannot be filtered.
 *
 * @returns the values in the order of the choices
 */
export const filterPrompt = createPrompt<string[], FilterQuestion>(({message, choices, atLeast}, done) => {
  const theme = makeTheme()
  const [status, setStatus] = useState<'idle' | 'done'>('idle')
  const [filter, setFilter] = useState('')
  const [active, setActive] = useState(0)
  const [chosen, setChosen] = useState<readonly string[]>(
    choices.filter(({checked}) => checked).map(({value}) => value),
  )
  const [problem, setProblem] = useState<string>()
  const prefix = usePrefix({status, theme})
  const rows = filtered(choices, filter)
  useKeypress((key, line) => {
    if (isEnterKey(key)) {
      if (chosen.length < atLeast) {
        // The line is empty after Enter.
        line.write(filter)
        return setProblem(`select at least ${atLeast}`)
      }
      setStatus('done')
      return done(choices.map(({value}) => value).filter(value => chosen.includes(value)))
    }
    setProblem(undefined)
    if (isUpKey(key) || isDownKey(key)) {
      setActive(nextRow(rows.length, active, isUpKey(key) ? -1 : 1))
    } else if (isSpaceKey(key)) {
      const row = rows[active]
      if (row?.disabled !== undefined) setProblem('this option is not available')
      else if (row) setChosen(toggled(chosen, row.value))
    } else {
      setActive(0)
      return setFilter(line.line)
    }
    // Arrows and spaces are not part of the filter.
    line.clearLine(0)
    line.write(filter)
  })
  const question = [prefix, theme.style.message(message, status)].join(' ')
  const page = usePagination({
    items: rows.length > 0 ? rows : [{name: `nothing matches ${filter}`, value: '', disabled: ''}],
    active: Math.min(active, Math.max(rows.length - 1, 0)),
    pageSize: 10,
    loop: false,
    renderItem: ({item, isActive}) => {
      const cursor = isActive ? figures.pointer : ' '
      if (item.disabled !== undefined) return style.disabled(`${cursor}- ${item.name} ${item.disabled}`.trimEnd())
      const mark = chosen.includes(item.value) ? figures.circleFilled : figures.circle
      const text = `${cursor}${mark} ${item.name}`
      return isActive ? theme.style.highlight(text) : text
    },
  })
  if (status === 'done') {
    const names = choices.filter(({value}) => chosen.includes(value)).map(({name, short = name}) => short)
    return `${question} ${theme.style.answer(names.join(', '))}`
  }
  const below = [...(problem === undefined ? [] : [theme.style.error(problem)]), style.disabled(style.help)]
  return [`${question} ${filter}${cursorHide}`, [page, '', ...below].join('\n')]
})

function toggled(chosen: readonly string[], value: string): string[] {
  return chosen.includes(value) ? chosen.filter(other => other !== value) : [...chosen, value]
}
