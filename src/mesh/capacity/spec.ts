import {convertedField, type Field, FieldProblem} from '../../spec/field.ts'

/** A size for which a forecast is made. What is undefined is as today: the clusters, and the endpoints of each of them. */
export interface RequestedSize {
  clusters: number | undefined
  endpoints: number | undefined
}

const keys = ['clusters', 'endpoints'] as const
const most = 10_000_000

/** The field `--at` of commands that show a forecast. */
export const at: Field<RequestedSize | undefined> = {
  ...convertedField<RequestedSize | undefined>({
    flag: 'at',
    about: 'also forecast for a mesh of this size; endpoints: pods of all clusters together',
    valueName: 'clusters=N,endpoints=N',
    convert: parseSize,
    fallback: undefined,
  }),
  perRun: true,
}

/** @throws FieldProblem for anything but a list of `clusters=N` and `endpoints=N`, each at most once */
function parseSize(text: string): RequestedSize {
  const size: RequestedSize = {clusters: undefined, endpoints: undefined}
  for (const part of text.split(',')) {
    const [name, value = ''] = part.trim().split('=')
    const key = keys.find(one => one === name)
    if (key === undefined || size[key] !== undefined)
      throw new FieldProblem(`${text} is not a size; expected clusters=N,endpoints=N`)
    const number = Number(value)
    if (!/^\d+$/.test(value) || number < 1 || number > most)
      throw new FieldProblem(`${text}: ${key} must be an integer from 1 to ${most}`)
    size[key] = number
  }
  return size
}
