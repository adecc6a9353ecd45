import {describe, expect, it} from 'vitest'
import {parseAccessProviders} from '../../../src/engine/cluster-sources/access-providers.ts'

const execConfig = {
  apiVersion: 'client.authentication.k8s.io/v1',
  command: './plugin',
  args: ['-a'],
  interactiveMode: 'Always',
}
const parse = (provider: object) =>
  parseAccessProviders(JSON.stringify({providers: [provider]}), '/etc/fleet/providers.json')

describe('access-provider files', () => {
  it('have programs beside them, which never prompt, and ignore what profiles add', () => {
    expect(parse({name: 'a', execConfig})).toMatchObject([
      {
        name: 'a',
        exec: {command: '/etc/fleet/plugin', args: ['-a'], interactiveMode: 'Never'},
        args: 'Ignore',
        env: 'Ignore',
      },
    ])
  })

  it('permit arguments and variables', () => {
    const provider = {
      name: 'a',
      execConfig,
      profileSourcedCLIArgsPolicy: 'Append',
      profileSourcedEnvVarsPolicy: 'Replace',
    }
    expect(parse(provider)).toMatchObject([{args: 'Append', env: 'Replace'}])
  })

  it.each<[string, string, string]>([
    ['no JSON', '{', 'not an access-provider file'],
    ['no providers', '{"providers": []}', 'not an access-provider file'],
    [
      'a provider without a name',
      JSON.stringify({providers: [{execConfig}]}),
      'providers[0] needs name and execConfig.command',
    ],
    ['a provider without a command', '{"providers": [{"name": "a", "execConfig": {}}]}', 'providers[0] needs'],
    [
      'an unknown policy',
      JSON.stringify({providers: [{name: 'a', execConfig, profileSourcedCLIArgsPolicy: 'append'}]}),
      'providers[0].profileSourcedCLIArgsPolicy is not one of Ignore, Append',
    ],
  ])('with %s are invalid', (_, content, message) => {
    expect(() => parseAccessProviders(content, 'providers.json')).toThrow(`providers.json: ${message}`)
  })
})
