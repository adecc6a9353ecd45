import {goDuration, parseDurationField} from '../../../spec/durations.ts'
import {choiceField, convertedField, FieldProblem, type SpecOf, switchField} from '../../../spec/field.ts'
import {dayMs} from '../../../text/duration.ts'
import {namespaceField} from '../spec-names.ts'

/** The add-ons with a user interface. */
const openable = ['kiali', 'prometheus', 'grafana', 'jaeger'] as const

/** One of them. */
export type OpenableAddon = (typeof openable)[number]

/** The fields of `mesh addon open`. */
export const addonOpenFields = {
  name: {
    ...choiceField({
      flag: 'addon',
      about: `add-on: ${openable.join(', ')}`,
      valueName: 'ADDON',
      options: openable,
      fallback: 'kiali',
    }),
    argument: true as const,
  },
  namespace: {...namespaceField, about: 'namespace of the add-on', fallbackText: 'the only one in which it runs'},
  port: convertedField<number | undefined>({
    flag: 'port',
    about: 'port on this machine; 0 for a free one',
    valueName: 'PORT',
    convert: portOf,
    fallback: undefined,
    fallbackText: 'that of the add-on',
    format: String,
  }),
  browser: switchField({flag: 'browser', about: 'open the URL in your browser'}),
  printToken: switchField({
    flag: 'print-token',
    about: 'print a short-lived token for the login of Kiali (--auth token), with the permissions of its account',
  }),
  tokenDuration: convertedField<number>({
    flag: 'token-duration',
    about: 'lifetime of the token',
    valueName: 'DURATION',
    // Limits of a TokenRequest, and at most a day.
    convert: parseDurationField({atLeast: '10m', atMost: '24h'}),
    fallback: dayMs / 24,
    fallbackText: '1h',
    format: goDuration,
  }),
}

/** The Spec of `mesh addon open`. `tokenDuration` is in milliseconds. */
export type AddonOpen = SpecOf<typeof addonOpenFields> & {name: OpenableAddon}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new FieldProblem(`${text} is not a port (0 to 65535)`)
  return port
}

/** Cross-field validation. */
export function validateAddonOpen({name, printToken, tokenDuration}: SpecOf<typeof addonOpenFields>) {
  if (printToken && name !== 'kiali') return [{message: '--print-token only has an effect with the add-on kiali'}]
  if (!printToken && tokenDuration !== addonOpenFields.tokenDuration.fallback)
    return [{message: '--token-duration has no effect without --print-token'}]
  return []
}
