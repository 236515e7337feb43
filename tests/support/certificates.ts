import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerUser } from './server-process.ts'

/** An authority of the tests' own. */
export interface Authority {
  /** Its certificate: what must be trusted. */
  file: string
  /**
   * A server certificate, written over the one before.
   * @param names  of hosts; an address is written as `IP:127.0.0.1`
   */
  issue(into: ServerFiles, names: string[], expired?: boolean): void
}

export interface ServerFiles {
  certificate: string
  key: string
  owner: ServerUser
}

const openssl = (...words: string[]): void =>
  void execFileSync('openssl', words, { stdio: ['ignore', 'ignore', 'pipe'] })

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** Made with openssl in a new folder. */
export function makeAuthority(folder: string, name: string): Authority {
  mkdirSync(folder)
  const at = (file: string) => join(folder, file)
  openssl(
    'req',
    '-x509',
    ...KEY,
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
  )
  writeFileSync(at('index'), '')
  writeFileSync(at('serial'), '01\n')
  const issue: Authority['issue'] = ({ certificate, key, owner }, names, expired = false) => {
    const request = at('request.pem')
    openssl('req', '-new', ...KEY, '-subj', '/CN=server', '-keyout', key, '-out', request)
    writeFileSync(at('config'), config(folder, names))
    const days = expired ? ['-startdate', '20200101000000Z', '-enddate', '20200201000000Z'] : ['-days', '2']
    openssl('ca', '-batch', '-notext', '-config', at('config'), ...days, '-in', request, '-out', certificate)
    if (owner.uid !== undefined) for (const it of [certificate, key]) chownSync(it, owner.uid, owner.gid!)
  }
  return { file: at('ca.pem'), issue }
}

const config = (folder: string, names: string[]): string => `[ca]
default_ca = own
[own]
new_certs_dir = ${folder}
database = ${folder}/index
serial = ${folder}/serial
certificate = ${folder}/ca.pem
private_key = ${folder}/ca.key
default_md = sha256
policy = any
unique_subject = no
x509_extensions = server
[any]
commonName = supplied
[server]
subjectAltName = ${names.map((it) => (it.includes(':') ? it : `DNS:${it}`)).join(', ')}
`
