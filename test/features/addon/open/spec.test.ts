import {describe, expect, test} from 'vitest'
import {addonOpenFields, validateAddonOpen} from '../../../../src/features/addon/open/spec.ts'
import {type RawSpec, readSpec} from '../../../../src/spec/read.ts'

type Raw = RawSpec<typeof addonOpenFields>
const read = (raw: Raw) => readSpec(addonOpenFields, raw, validateAddonOpen)

test('the defaults', () => {
  expect(read({})).toMatchObject({name: 'kiali', port: undefined, printToken: false, tokenDuration: 3_600_000})
  expect(read({port: '0'}).port).toBe(0)
})

describe('open rejects', () => {
  test.each<[Raw, RegExp]>([
    [{name: 'loki'}, /loki is not one of kiali, prometheus, grafana, jaeger/],
    [{port: '65536'}, /65536 is not a port/],
    [{port: 'http'}, /http is not a port/],
    [{name: 'grafana', printToken: true}, /--print-token only has an effect with the add-on kiali/],
    [{tokenDuration: '2h'}, /--token-duration has no effect without --print-token/],
    [{printToken: true, tokenDuration: '25h'}, /25h/],
    [{printToken: true, tokenDuration: '1m'}, /1m/],
  ])('%j', (raw, message) => {
    expect(() => read(raw)).toThrow(message)
  })
})
