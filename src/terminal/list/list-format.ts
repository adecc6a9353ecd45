/** How a list or status is printed. */
export interface ListOptions {
  output: 'json' | 'yaml' | 'wide' | 'name' | ListQuery | undefined
  /** Values by which rows are sorted. */
  sortBy?: (item: object) => unknown
  /** Only rows: neither headers nor what is below the table. */
  noHeaders?: boolean
  /** A further read of `--watch`, whose headers are already shown. */
  again?: boolean
  /** Only rows that belong to this namespace. */
  namespace?: string | undefined
}

/** `-o jsonpath=…` or `-o custom-columns=…`, parsed. */
export type ListQuery =
  /** Formats the whole document. */
  | {kind: 'jsonpath'; print: (document: unknown) => string}
  /** One column per path, evaluated for each row. */
  | {kind: 'custom-columns'; columns: readonly {head: string; cell: (item: object) => string}[]}

/** Options, or the plain name of an output format. */
export type ListFormat = ListOptions | 'json' | 'yaml' | 'wide' | 'name' | undefined

/** Returns options for a plain name of a format. */
export function listOptions(format: ListFormat): ListOptions {
  return typeof format === 'object' ? format : {output: format}
}

/** Returns whether a table is printed: then a message without rows is more useful than headers. */
export function isTable(format: ListFormat): boolean {
  const {output} = listOptions(format)
  return output === undefined || output === 'wide'
}
