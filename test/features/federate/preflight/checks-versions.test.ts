import {versionChecks} from '../../../../src/features/federate/preflight/checks-versions.ts'
import {cases} from './cases.ts'
import {testCases} from './samples.ts'

testCases(versionChecks, cases)
