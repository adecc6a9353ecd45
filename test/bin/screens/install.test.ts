import {afterEach, describe, expect, it} from 'vitest'
import {openScreens, type Screens} from '../../support/fake/screens.ts'
import {keys} from '../../support/pty.ts'
import type {AnyObject} from '../../support/servers/api.ts'

const definition = {
  ...{apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition'},
  metadata: {name: 'istios.sailoperator.io'},
} as AnyObject

describe('install on a terminal', {timeout: 120_000}, () => {
  let screens: Screens
  afterEach(() => screens?.close())

  it('--via sail: the review; "no" prints how to repeat the run', async () => {
    screens = await openScreens({east: {controlPlane: false, objects: [definition]}})
    const pty = screens.start(['install', '--via', 'sail', '--no-wait'])
    await pty.sees('Apply this to east?')
    expect(await screens.shown(pty)).not.toContain('rendering the control plane')
    pty.type(`n${keys.enter}`)
    expect(await pty.ended, pty.screen()).toBe(3)
    expect(pty.screen()).toMatch(/hint: {2}to repeat this run: kubectl mesh install --via sail/)
    expect(pty.screen().match(/^error:/gm)).toHaveLength(1)
  })
})
