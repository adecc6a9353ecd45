import type {Problem} from '../../../errors.ts'
import {type Field, mapField, type SpecOf, switchField} from '../../../spec/field.ts'
import {federationStatusFields, federationStatusProblems} from '../status/spec.ts'

/** Throw-away images of `--traffic`, as Istio's samples of 1.31 have them (samples/helloworld, samples/curl). */
export const sampleImages = {
  v1: 'registry.istio.io/release/examples-helloworld-v1:1.0',
  v2: 'registry.istio.io/release/examples-helloworld-v2:1.0',
  client: 'curlimages/curl:8.16.0',
} as const

/** `client=IMG,server=IMG`: an image holds no comma. */
function imagesField(): Field<Record<string, string>> {
  const field = mapField({
    flag: 'images',
    about: "images of --traffic from a registry of your own: client has curl, server is Istio's helloworld",
    valueName: 'client=IMG,server=IMG',
    check: text => (/^[\w][\w.:/@-]*$/.test(text) ? undefined : 'is not an image'),
    checkKey: text => (text === 'client' || text === 'server' ? undefined : 'is neither client nor server'),
  })
  return {
    ...field,
    fallbackText: "those of Istio's samples",
    parse: raw =>
      field.parse(
        typeof raw === 'object' && !Array.isArray(raw) ? raw : [raw].flat().flatMap(part => String(part).split(',')),
      ),
  }
}

/** All that `mesh federate verify` can be told. */
export const federationVerifyFields = {
  ...federationStatusFields,
  traffic: switchField({
    flag: 'traffic',
    about: 'also send requests: HelloWorld and a client in a throw-away namespace of each cluster',
  }),
  images: imagesField(),
}

/** The Spec of a verification. */
export type FederationVerify = SpecOf<typeof federationVerifyFields>

/** What one field alone can't tell. */
export function federationVerifyProblems(spec: FederationVerify): Problem[] {
  const problems = federationStatusProblems(spec)
  if (!spec.traffic && Object.keys(spec.images).length > 0)
    problems.push({message: '--images is for --traffic', hints: ['add --traffic, or leave --images out']})
  return problems
}
