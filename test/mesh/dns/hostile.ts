import fc from 'fast-check'

/** Texts that mean something in a Corefile, in a configuration of dnsmasq, or in JSON. */
const special = fc.constantFrom(
  '\n',
  '\r',
  '\u2028',
  '\u0085',
  '"',
  '\\',
  '{',
  '}',
  '#',
  ',',
  ' ',
  '/',
  '=',
  '|',
  '$',
  'global:53 {',
  'import /etc/passwd',
  'server=/global/127.6.6.6',
  '\nserver=127.6.6.6',
  '"\n}\n}\ncluster.local:53 {\nforward . 127.6.6.6\n#',
  '# end of what kubectl mesh wrote',
  '{$HOME}',
  '{{ .Name }}',
)

/** A text that is neither a DNS name nor an IP address, made of a valid one. */
export const hostileText = (valid: string) =>
  fc
    .tuple(fc.nat(valid.length), fc.array(special, {minLength: 1, maxLength: 4}))
    .map(([at, parts]) => valid.slice(0, at) + parts.join('') + valid.slice(at))

/** Names of which one has an invalid name or an invalid address. */
export const hostileNames = fc.oneof(
  hostileText('a.b.global').map(name => new Map([[name, ['240.241.0.1']]])),
  hostileText('240.241.0.1').map(address => new Map([['a.b.global', ['240.241.0.2', address]]])),
  fc.string().map(
    text =>
      new Map([
        ['x.y.global', ['240.241.0.3']],
        ['a.b.global', [`240.241.0.4\n${text}`]],
      ]),
  ),
)
