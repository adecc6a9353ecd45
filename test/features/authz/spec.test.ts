import {expect, test} from 'vitest'
import {
  authzAttachFields,
  authzListFields,
  validateAuthzAttach,
  validateAuthzName,
} from '../../../src/features/authz/spec.ts'
import {flagsFor, type RawSpec, readSpec} from '../../../src/spec/read.ts'

type Raw = RawSpec<typeof authzAttachFields>
const attach = (raw: Raw) => readSpec(authzAttachFields, raw, validateAuthzAttach)
const fine: Raw = {name: 'ext', service: 'authz:9000', to: 'gateway/istio-ingressgateway'}

test.each<[Raw, string]>([
  [{name: undefined}, 'no name specified'],
  [{name: 'Ext'}, 'is not a DNS label'],
  [{name: 'a'.repeat(64)}, 'is not a DNS label'],
  [{service: undefined}, '--service is missing'],
  [{service: 'authz'}, 'is not HOST:PORT'],
  [{service: 'authz:0'}, 'the port is not in the range 1–65535'],
  [{service: 'authz:http'}, 'is not HOST:PORT'],
  [{service: 'a/b/c:80'}, 'is not a host'],
  [{service: 'Authz:80'}, 'is not a host'],
  [{to: undefined}, '--to is missing'],
  [{to: 'pod/x'}, 'is not gateway/NAME'],
  [{to: 'gateway/'}, 'is not gateway/NAME'],
  [{to: 'gateway/a/b'}, 'is not gateway/NAME'],
  [{selector: ['app=web']}, '--selector conflicts with --to'],
  [{headersToCheck: ['cookie']}, '--header-to-check has an effect only with --type http'],
  [{type: 'http', headersToCheck: ['*']}, 'is not a header'],
  [{type: 'http', headersToCheck: ['*x*']}, 'is not a header'],
  [{paths: ['hello']}, 'is not a path'],
  [{paths: ['/a*b']}, 'is not a path'],
  [{methods: ['get']}, 'is not a method'],
  [{includeBody: '0'}, 'is not a number of bytes'],
  [{timeout: '11m'}, 'is longer than 10m'],
  [{timeout: '5'}, 'is not a duration'],
  [{via: 'envoy-filter', paths: ['/a']}, '--path has an effect only with --via mesh-config'],
  [{type: 'tcp'}, 'is not one of grpc, http'],
])('%j: %s', (raw, problem) => {
  expect(() => attach({...fine, ...raw})).toThrow(problem)
})

test('the Spec gives the flags that produce it', () => {
  const raw: Raw = {
    ...fine,
    type: 'http',
    headersToCheck: ['x-*', 'cookie'],
    paths: ['/a', '/b/*', '*.html'],
    timeout: '1500ms',
    includeBody: '1024',
    fail: 'open',
  }
  const flags = flagsFor(authzAttachFields, attach(raw))
  expect(flags.join(' ')).toBe(
    'ext --service authz:9000 --type http --to gateway/istio-ingressgateway --path /a,/b/*,*.html --header-to-check x-*,cookie --include-body 1024 --timeout 1500ms --fail open',
  )
})

test('labels instead of --to', () => {
  expect(attach({...fine, to: undefined, selector: ['app=web', 'version=v1']}).selector).toEqual({
    app: 'web',
    version: 'v1',
  })
})

test('a name is required where a command needs one', () => {
  expect(validateAuthzName({name: undefined})).toEqual([expect.objectContaining({message: 'no authorizer specified'})])
  expect(validateAuthzName({name: 'ext'})).toEqual([])
  expect(readSpec(authzListFields, {}).systemNamespace).toBe('istio-system')
})
