import { runPlugin, type PluginProcess } from "./plugin/run-plugin.ts";
import { servePlugin, type PluginServer } from "./plugin/plugin-server.ts";
import { pluginOutput } from "./plugin/output.ts";
import { providerRpc } from "./protocol/provider-rpc.ts";
import { Provider } from "./protocol/tfplugin6.generated.ts";
import { algorithmiaProvider, type ProviderWorld } from "./resources/algorithmia-provider.ts";

/** Serves the provider to the Terraform that started this process; see {@link runPlugin}. */
export async function runProvider(world: ProviderWorld, process: PluginProcess): Promise<string | undefined> {
  return await runPlugin(providerService(world), process);
}

/**
 * Serves the provider on a port of this machine, unencrypted, to a Terraform that is told of it by TF_REATTACH_PROVIDERS:
 * for tests and debuggers. `pid`: of this process; Terraform gives up when it is gone.
 */
export async function serveReattached(
  world: ProviderWorld,
  pid: number,
): Promise<PluginServer & { readonly reattach: string }> {
  const host = { output: pluginOutput(), shutdown: () => undefined };
  const server = await servePlugin("127.0.0.1:0", providerService(world), undefined, host);
  const address = { Network: "tcp", String: `127.0.0.1:${String(server.port)}` };
  const entry = { Protocol: "grpc", ProtocolVersion: 6, Pid: pid, Test: true, Addr: address };
  return { ...server, reattach: JSON.stringify({ [PROVIDER_ADDRESS]: entry }) };
}

/** The provider's address in full. */
export const PROVIDER_ADDRESS = "registry.terraform.io/algokeys/algorithmia";

function providerService(world: ProviderWorld): Parameters<typeof runPlugin>[0] {
  return { description: Provider, methods: providerRpc(algorithmiaProvider(world)) };
}
