import type { Server, ServerDuplexStream, ServerUnaryCall, ServerWritableStream, sendUnaryData } from "@grpc/grpc-js";
import { grpcService } from "./grpc-service.ts";
import { Health } from "./health.generated.ts";
import type { Output } from "./output.ts";
import { GRPCBroker, GRPCController, GRPCStdio } from "./plugin.generated.ts";

/** What the host's own services reach. */
export interface HostPorts {
  /** What the plugin prints once it serves. */
  readonly output: Output;
  /** Called when the host has no more use for the plugin. */
  readonly shutdown: () => void;
}

const SERVING = 1;

/** Adds what every host expects beside the plugin's own service: health, shutdown, standard output, and the broker. */
export function addHostServices(server: Server, { output, shutdown }: HostPorts): void {
  server.addService(grpcService(Health), {
    check: (_call: unknown, answer: sendUnaryData<object>) => {
      answer(null, { status: SERVING });
    },
  });
  server.addService(grpcService(GRPCController), {
    shutdown: (_call: ServerUnaryCall<object, object>, answer: sendUnaryData<object>) => {
      answer(null, {});
      shutdown();
    },
  });
  server.addService(grpcService(GRPCStdio), {
    streamStdio: (call: ServerWritableStream<object, object>) => {
      const stop = output.follow((channel, data) => {
        call.write({ channel: channel === "stdout" ? 1 : 2, data });
      });
      call.on("cancelled", stop);
    },
  });
  // A channel for further connections, which Terraform opens and never uses.
  server.addService(grpcService(GRPCBroker), {
    startStream: (call: ServerDuplexStream<object, object>) => {
      call.on("data", () => undefined);
      call.on("end", () => {
        call.end();
      });
    },
  });
}
