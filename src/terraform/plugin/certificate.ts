/** A key and its self-signed certificate, both in PEM. */
export interface ServerCertificate {
  readonly key: string;
  readonly certificate: string;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** The host checks the certificate that it was told against this name. */
const HOST_NAME = "localhost";

/** Both clocks are this machine's; a plugin lives for minutes. */
const EARLIER_MS = 60 * 60 * 1000;
const LIFE_MS = 30 * 24 * 60 * 60 * 1000;

/** Makes the certificate of one plugin process; the host trusts it because the process itself names it (AutoMTLS). */
export async function makeCertificate(now: number): Promise<ServerCertificate> {
  const { subtle } = crypto;
  await import("reflect-metadata"); // the library's own container asks for it, first of all
  const [x509, keys] = await Promise.all([
    import("@peculiar/x509"),
    subtle.generateKey(ALGORITHM, true, ["sign", "verify"]),
  ]);
  const usage = x509.KeyUsageFlags;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${HOST_NAME}`,
      notBefore: new Date(now - EARLIER_MS),
      notAfter: new Date(now + LIFE_MS),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(usage.digitalSignature | usage.keyCertSign, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
        new x509.SubjectAlternativeNameExtension([{ type: "dns", value: HOST_NAME }]),
      ],
    },
    crypto,
  );
  const pkcs8 = await subtle.exportKey("pkcs8", keys.privateKey);
  return { key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY"), certificate: certificate.toString("pem") };
}

/** The certificate as the handshake line bears it: DER in base64 without padding. */
export function handshakeCertificate({ certificate }: ServerCertificate): string {
  return certificate.replace(/-----[^-]+-----|\s|=/g, "");
}
