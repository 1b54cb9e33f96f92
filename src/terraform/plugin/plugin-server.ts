import type { DescService } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import type { ServerCertificate } from "./certificate.ts";
import { grpcService } from "./grpc-service.ts";
import { addHostServices, type HostPorts } from "./host-services.ts";

/** The service that a plugin is for: its description, and its methods, which never throw. */
export interface PluginService {
  readonly description: DescService;
  readonly methods: Readonly<Record<string, (request: never) => Promise<object>>>;
}

/** How the two ends know each other; undefined: a connection within one machine that tests open. */
export type MutualTls = { readonly own: ServerCertificate; readonly client: string } | undefined;

/** A plugin that listens. */
export interface PluginServer {
  /** The port, for a plugin that listens on TCP. */
  readonly port: number;
  /** Waits for what is under way, then ends. */
  readonly close: () => Promise<void>;
  /** Ends at once. */
  readonly kill: () => void;
}

/** No limit of our own: a state has the size that it has, and whoever sends it holds it in memory anyway. */
const UNLIMITED = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

/** Serves a plugin at an address in gRPC's form (`unix:/path`, `127.0.0.1:0`). */
export async function servePlugin(
  address: string,
  service: PluginService,
  tls: MutualTls,
  host: HostPorts,
): Promise<PluginServer> {
  const server = new Server(UNLIMITED);
  addHostServices(server, host);
  const methods = Object.entries(service.methods).map(([name, method]) => [name, unary(method)] as const);
  server.addService(grpcService(service.description), Object.fromEntries(methods));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, credentials(tls), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.tryShutdown(() => {
          resolve();
        });
      }),
    kill: () => {
      server.forceShutdown();
    },
  };
}

function unary(method: (request: never) => Promise<object>) {
  return (call: ServerUnaryCall<unknown, object>, answer: sendUnaryData<object>): void => {
    method(call.request as never).then(
      (response) => {
        answer(null, response);
      },
      (error: unknown) => {
        answer(error instanceof Error ? error : new Error(String(error)));
      },
    );
  };
}

/** The one certificate that is accepted is the host's own, which it told at the start. */
function credentials(tls: MutualTls): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { own, client } = tls;
  const pair = { private_key: Buffer.from(own.key), cert_chain: Buffer.from(own.certificate) };
  return ServerCredentials.createSsl(Buffer.from(client), [pair], true);
}
