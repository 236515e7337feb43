import { checkServerIdentity, type PeerCertificate } from 'node:tls'

/** Node's codes, and the drivers', of an encrypted connection that did not come about. */
const CODES =
  /^(?:ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO$|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|HANDSHAKE_(?:NO_)?SSL)/

export const isTlsFault = (code: unknown): boolean => typeof code === 'string' && CODES.test(code)

/** The next step, by the words of Node, of a driver or of a server. They hold no values of rows. */
export function tlsRemedy(words: string, setting: string): string {
  if (/has expired|not yet valid/.test(words)) return "Renew the server's certificate."
  if (/altnames/.test(words)) return 'Write the host by a name that the certificate is for.'
  if (/insecure transport|no encryption$/.test(words))
    return `The server insists on encryption: write ${setting}.`
  if (/not support/.test(words))
    return 'Let the server offer TLS. Only where the network may be trusted, ask for none.'
  return 'Where an authority of your own signed the certificate, name its file in NODE_EXTRA_CA_CERTS.'
}

/** Of itself a driver looks for "localhost" in the certificate of a server that is called by its address. */
export const identifiedAs = (host: string) => ({
  checkServerIdentity: (_: string, certificate: PeerCertificate) => checkServerIdentity(host, certificate),
})
