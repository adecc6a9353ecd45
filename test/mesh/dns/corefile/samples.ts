import fc from 'fast-check'

/** The Corefile of kubeadm. */
export const kubeadm = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
`

/** Spaces within a line; a carriage return counts as one. */
const blank = fc.constantFrom(' ', '  ', '\t', ' \r ')
const comment = fc.stringMatching(/^[ -~é]{0,20}$/).map(text => `# ${text}`)
/** End of a line: an optional comment, followed by empty lines and comment lines. */
const lineEnd = fc
  .tuple(
    fc.option(
      fc.tuple(blank, comment).map(parts => parts.join('')),
      {nil: ''},
    ),
    fc.constantFrom('\n', '\r\n'),
    fc.array(
      fc.oneof(
        fc.constant('\n'),
        comment.map(text => `${text}\n`),
      ),
      {maxLength: 2},
    ),
  )
  .map(([behind, end, more]) => behind + end + more.join(''))

const plain = fc.stringMatching(/^[a-z0-9./:*_$%=|^()[\]-]{1,12}$/).filter(text => text !== 'import')
const quoted = fc
  .stringMatching(/^[ -~\n]{0,15}$/)
  .map(text => `"${text.replace(/\\/g, '').replaceAll('"', '\\"')}"`)
  // A word that is only a brace means the brace, also in quotes.
  .filter(text => !/^"[{}]?"$/.test(text))
const word = fc.oneof(
  {weight: 6, arbitrary: plain},
  {weight: 2, arbitrary: quoted},
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '{$HOME}',
      '{%HOME%}',
      'a{$X}b',
      '{$UNSET_ANYWHERE_42}:5353',
      'a"b',
      "'",
      '}x',
      '{{',
      '.Name',
      '}}',
    ),
  },
)

const words = (least: number) =>
  fc
    .array(fc.tuple(blank, word), {minLength: least, maxLength: 4})
    .map(all => all.map(([space, text]) => space + text).join(''))

const indent = fc.constantFrom('', '    ', '\t', ' \t')
/** The name of a plugin or a property. */
const first = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/).filter(text => text !== 'import')

const simple = fc.tuple(indent, first, words(0), lineEnd).map(parts => parts.join(''))
const imported = fc
  .tuple(indent, fc.constantFrom('/nowhere/*.override', '/nowhere/*.server'), lineEnd)
  .map(([space, what, end]) => `${space}import ${what}${end}`)
const nested = fc.letrec(tie => ({
  block: fc
    .tuple(
      indent,
      first,
      words(0),
      lineEnd,
      fc.array(fc.oneof({depthSize: 'small', maxDepth: 3}, simple, tie('block')), {maxLength: 3}),
      lineEnd,
    )
    .map(([space, name, more, end, lines, last]) => `${space}${name}${more} {${end}${lines.join('')}${space}}${last}`),
}))
const body = fc.array(fc.oneof(simple, imported, nested.block), {maxLength: 5}).map(lines => lines.join(''))

const zone = fc.oneof(
  fc.constantFrom(
    '.',
    '.:53',
    'cluster.local',
    'global.example.org:53',
    'notglobal',
    'dns://.:1053',
    'tls://x.org',
    'global:5353',
    'my.global',
  ),
  fc.stringMatching(/^[a-z]{1,6}\.[a-z]{2,3}(:[1-9][0-9]{1,3})?$/),
  fc.constantFrom('{$ZONE_NOT_SET}', '"in quotes.org"'),
)
const addresses = fc
  .tuple(zone, fc.array(fc.tuple(fc.constantFrom(' ', ', ', ',\n', ',\n  '), zone), {maxLength: 2}))
  .map(([one, more]) => one + more.map(([between, next]) => between + next).join(''))

const server = fc
  .tuple(addresses, blank, lineEnd, body, lineEnd)
  .map(([keys, space, end, lines, last]) => `${keys}${space}{${end}${lines}}${last}`)
const snippet = fc
  .tuple(fc.integer({min: 0, max: 1_000_000}), lineEnd, body, lineEnd)
  .map(([id, end, lines, last]) => `(snip${id}) {${end}${lines}}${last}`)
const topImport = fc.tuple(fc.constant('import /nowhere/*.server'), lineEnd).map(parts => parts.join(''))
const head = fc.oneof(
  fc.constant(''),
  lineEnd,
  fc.constant('\uFEFF'),
  comment.map(text => `${text}\n`),
)

/** A Corefile that CoreDNS accepts, with servers, snippets, imports, comments, quotes and environment variables. */
export const corefile: fc.Arbitrary<string> = fc
  .tuple(
    head,
    fc.array(fc.oneof({weight: 4, arbitrary: server}, snippet, topImport), {maxLength: 4}),
    fc.constantFrom('', 'cut'),
  )
  .map(([begin, blocks, cut]) => {
    const text = begin + blocks.join('')
    // The last line may have no line break.
    return cut === '' ? text : text.replace(/\r?\n$/, '')
  })
