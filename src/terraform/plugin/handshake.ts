/** What a host tells the plugins that it starts. */
export interface HostRequest {
  /** The host's own certificate in PEM, the only one to accept; undefined: it asks for no encryption. */
  readonly clientCertificate: string | undefined;
  /** The folder for a socket, if the host states one. */
  readonly socketFolder: string | undefined;
}

/** The plugin protocol's major version that is served. */
export const PROTOCOL_VERSION = 6;

/** A fixed text by which Terraform makes sure that it starts a plugin, and a plugin that no person started it. No secret. */
const COOKIE = {
  name: "TF_PLUGIN_MAGIC_COOKIE",
  value: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
};

/** Reads what the host asks for; or says, in words for a person, why nothing can be served. */
export function readHostRequest(env: Readonly<Record<string, string | undefined>>): HostRequest | string {
  if (env[COOKIE.name] !== COOKIE.value) {
    return (
      "This is the algorithmia provider, a plugin for Terraform: it is not run by hand.\n" +
      "Run `algokeys terraform install`, name the provider in `required_providers`, and run `terraform init`.\n"
    );
  }
  const offered = env["PLUGIN_PROTOCOL_VERSIONS"]?.split(",") ?? [];
  if (offered.length > 0 && !offered.includes(String(PROTOCOL_VERSION))) {
    return `This provider speaks plugin protocol ${String(PROTOCOL_VERSION)}, for which Terraform 1.0 or later is needed.\n`;
  }
  return {
    clientCertificate: given(env["PLUGIN_CLIENT_CERT"]),
    socketFolder: given(env["PLUGIN_UNIX_SOCKET_DIR"]),
  };
}

function given(variable: string | undefined): string | undefined {
  return variable === "" ? undefined : variable;
}

/** The line that tells the host where the plugin listens: go-plugin's own form, and the first thing on standard output. */
export function handshakeLine(
  address: { readonly network: "unix" | "tcp"; readonly address: string },
  certificate: string,
): string {
  return `1|${String(PROTOCOL_VERSION)}|${address.network}|${address.address}|grpc|${certificate}\n`;
}
