import type {Problem} from '../../errors.ts'
import {type SpecOf, switchField, textField, textFieldWithDefault} from '../../spec/field.ts'
import {dnsLabel, dnsName} from '../../spec/texts.ts'
import {certificateHost} from './spec-texts.ts'

/** All that `mesh ingress tls HOST` can be told. */
export const ingressTlsFields = {
  host: {
    ...textField({flag: 'host', about: 'host that is served, NAME.DOMAIN or *.DOMAIN', check: certificateHost}),
    argument: true as const,
  },
  cert: textField({
    flag: 'cert',
    about: 'certificate and its intermediates, PEM, in this order',
    valueName: 'FILE',
  }),
  key: textField({flag: 'key', about: 'its private key, PEM', valueName: 'FILE'}),
  ca: textField({flag: 'ca', about: 'CA of the clients, PEM, for --mutual', valueName: 'FILE'}),
  secret: textField({
    flag: 'secret',
    about: "Secret that is there already, in the gateway's namespace, instead of files",
    valueName: 'NAME',
    check: dnsName,
  }),
  gateway: textFieldWithDefault({
    flag: 'gateway',
    about: 'gateway that serves the host',
    valueName: 'NAME',
    check: dnsLabel,
    fallback: 'istio-ingressgateway',
  }),
  namespace: textField({
    flag: 'namespace',
    about: 'namespace of the gateway',
    valueName: 'NS',
    check: dnsLabel,
    fallbackText: 'where the gateway is found',
  }),
  mutual: switchField({flag: 'mutual', about: 'clients have to show a certificate too'}),
  redirect: switchField({flag: 'redirect', about: 'answer requests on port 80 with a redirect to https'}),
}

/** What was said of a host's certificate. */
export type IngressTls = SpecOf<typeof ingressTlsFields>

/** What one field alone can't tell: all that is missing or contradicts itself. */
export function ingressTlsProblems(spec: IngressTls): Problem[] {
  const {host, cert, key, ca, secret, mutual} = spec
  const problems: Problem[] = []
  if (host === undefined)
    problems.push({
      message: 'HOST is missing: which host is served?',
      hints: ['kubectl mesh ingress tls shop.example.com --cert FILE --key FILE', '--list shows all certificates'],
    })
  if (secret !== undefined) {
    for (const [flag, said] of Object.entries({cert, key, ca}))
      if (said !== undefined) problems.push({message: `--secret is there already and --${flag} would be another`})
    return problems
  }
  if (cert === undefined) problems.push({message: '--cert FILE is missing', hints: ['or --secret NAME']})
  if (key === undefined) problems.push({message: '--key FILE is missing', hints: ['or --secret NAME']})
  if (mutual && ca === undefined) problems.push({message: '--mutual needs --ca FILE: the CA of the clients'})
  if (!mutual && ca !== undefined)
    problems.push({
      message: '--ca is the CA of the clients, and without --mutual nobody asks them',
      hints: ['--mutual, or put intermediates into --cert behind the certificate'],
    })
  return problems
}
