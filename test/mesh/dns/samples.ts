import fc from 'fast-check'

const space = fc.constantFrom('', '', ' ', '\n', '\n  ', '\t', '\r\n', '\n\n    ')

/** JSON of a value with any white space. */
const json = fc.letrec<{value: string; list: string; map: string}>(tie => ({
  value: fc.oneof(
    {depthSize: 'small', maxDepth: 3},
    fc.oneof(fc.string(), fc.constantFrom('}', '{', '"', '\\', ',', '\u2028')).map(text => JSON.stringify(text)),
    fc.constantFrom('1', '-2.5e3', 'true', 'null'),
    tie('list'),
    tie('map'),
  ),
  list: fc
    .tuple(space, fc.array(fc.tuple(space, tie('value'), space), {maxLength: 3}))
    .map(([empty, values]) => `[${values.length === 0 ? empty : values.map(parts => parts.join('')).join(',')}]`),
  map: mapOf(fc.string(), tie('value')),
}))

function mapOf(key: fc.Arbitrary<string>, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const member = fc.tuple(space, key, space, space, value, space)
  return fc
    .tuple(space, fc.uniqueArray(member, {maxLength: 4, selector: ([, name]) => name}))
    .map(([empty, members]) => {
      const texts = members.map(
        ([before, name, between, behind, inner, after]) =>
          `${before}${JSON.stringify(name)}${between}:${behind}${inner}${after}`,
      )
      return `{${texts.length === 0 ? empty : texts.join(',')}}`
    })
}

const domain = fc.oneof(fc.constantFrom('acme.local', 'my.global', 'a"b', 'a\\b', '}', '__proto__'), fc.string())

/** JSON of a map with any white space, without an entry for `global`. */
export const jsonMap: fc.Arbitrary<string> = fc
  .tuple(
    space,
    mapOf(
      domain.filter(name => !/^global\.?$/i.test(name)),
      json.value,
    ),
    space,
  )
  .map(parts => parts.join(''))
