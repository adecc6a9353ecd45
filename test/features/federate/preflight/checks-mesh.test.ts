import {meshChecks} from '../../../../src/features/federate/preflight/checks-mesh.ts'
import {cases} from './cases.ts'
import {testCases} from './samples.ts'

testCases(meshChecks, cases)
