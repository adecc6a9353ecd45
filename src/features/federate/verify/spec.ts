import {type Field, mapField, type SpecOf, switchField, textOf} from '../../../spec/field.ts'
import {federationStatusFields} from '../status/spec.ts'

/** Default images of `--traffic`: those of Istio's samples in 1.31 (samples/helloworld, samples/curl). */
export const sampleImages = {
  v1: 'registry.istio.io/release/examples-helloworld-v1:1.0',
  v2: 'registry.istio.io/release/examples-helloworld-v2:1.0',
  client: 'curlimages/curl:8.16.0',
} as const

/** `client=IMG,server=IMG` in one flag. The name of an image contains no comma. */
function imagesField(): Field<Record<string, string>> {
  const field = mapField({
    flag: 'images',
    about: "images from another registry: client contains curl, server is Istio's helloworld sample",
    valueName: 'client=IMG,server=IMG',
    check: text => (/^[\w][\w.:/@-]*$/.test(text) ? undefined : 'is not an image'),
    checkKey: text => (text === 'client' || text === 'server' ? undefined : 'is neither client nor server'),
    onlyWith: {traffic: [true]},
  })
  return {
    ...field,
    fallbackText: "the images of Istio's samples",
    parse: raw =>
      field.parse(
        typeof raw === 'object' && !Array.isArray(raw) ? raw : [raw].flat().flatMap(part => textOf(part).split(',')),
      ),
  }
}

/** The fields of `mesh federate verify`. */
export const federationVerifyFields = {
  ...federationStatusFields,
  traffic: switchField({
    flag: 'traffic',
    about: 'also send requests between HelloWorld and a client in a temporary namespace of each cluster',
  }),
  images: imagesField(),
}

/** The Spec of `mesh federate verify`. */
export type FederationVerify = SpecOf<typeof federationVerifyFields>
