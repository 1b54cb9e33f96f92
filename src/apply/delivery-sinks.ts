import { dotenvSink } from "./dotenv-sink.ts";
import type { FileSinkPorts } from "./file-sink.ts";
import { jsonSink } from "./json-sink.ts";
import type { Sinks } from "./sink.ts";

/** The sinks for every kind of delivery that a declaration can name. */
export function deliverySinks(ports: FileSinkPorts): Sinks {
  return { dotenv: dotenvSink(ports), json: jsonSink(ports) };
}
