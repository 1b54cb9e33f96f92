import { posix } from "node:path";
import type { AttributePath } from "../core/attribute-path.ts";
import type { AgeDelivery, CommandDelivery, Delivery, FileDelivery, GithubDelivery } from "../core/delivery.ts";
import { asWritten, problemIn, type DeclarationFile, type Sound } from "./declaration-file.ts";
import type { DeliveryDeclaration } from "./declaration.generated.ts";
import { checkDeliveryFields } from "./delivery-fields.ts";
import { checkPlace, type DeliveryPlaces } from "./delivery-places.ts";
import {
  commandWording,
  fileWording,
  propertyWording,
  recipientWording,
  runnerWording,
  seenVariableWording,
  variableWording,
} from "./delivery-wording.ts";
import type { Problems, Wording } from "./problem.ts";

/** The deliveries of a key, with files relative to the working folder; what is wrong with one leaves it out. */
export function resolveDeliveries(
  from: DeclarationFile,
  key: string,
  deliveries: readonly (Sound<DeliveryDeclaration> | undefined)[],
  places: DeliveryPlaces,
  problems: Problems,
): Delivery[] {
  const resolved: Delivery[] = [];
  for (const [index, delivery] of deliveries.entries()) {
    if (delivery?.to === undefined) continue; // told by the schema
    const path = ["keys", key, "deliver", index];
    const found = problems.count;
    checkDeliveryFields(from, path, delivery.to, delivery, problems);
    const read = resolveDelivery({ from, path, sources: places.sources, problems }, delivery.to, delivery);
    if (read === undefined || problems.count > found) continue;
    checkPlace(from, path, read, places, problems);
    resolved.push(read);
  }
  return resolved;
}

/** Where a delivery stands, and where to tell what is wrong with it. */
interface Site {
  readonly from: DeclarationFile;
  readonly path: AttributePath;
  readonly sources: ReadonlySet<string>;
  readonly problems: Problems;
}

/** Undefined if a field is missing, which has been told. */
function resolveDelivery(
  site: Site,
  to: Delivery["to"],
  { file, name, recipients, command, env, read }: Sound<DeliveryDeclaration>,
): Delivery | undefined {
  switch (to) {
    case "dotenv":
    case "json":
      return file === undefined || name === undefined ? undefined : fileDelivery(site, to, file, name);
    case "age":
      return file === undefined || recipients === undefined ? undefined : ageDelivery(site, file, recipients);
    case "command":
      return command === undefined ? undefined : commandDelivery(site, command, env ?? [], read);
    case "github-env":
    case "github-output":
      return name === undefined ? undefined : githubDelivery(site, to, name);
  }
}

function fileDelivery(site: Site, to: FileDelivery["to"], file: string, name: string): FileDelivery {
  const target = targetOf(site, file);
  check(site, ["name"], name, to === "dotenv" ? variableWording : propertyWording);
  return { to, file: target, name };
}

function ageDelivery(site: Site, file: string, recipients: readonly (string | undefined)[]): AgeDelivery {
  const target = targetOf(site, file);
  const keys = recipients.filter((recipient) => recipient !== undefined);
  for (const [index, recipient] of recipients.entries())
    if (recipient !== undefined) check(site, ["recipients", index], recipient, recipientWording);
  if (recipients.length === 0) {
    const summary = "nobody could read the file";
    tell(site, ["recipients"], { code: "invalid-delivery", summary, fix: "Name at least one recipient." });
  }
  return { to: "age", file: target, recipients: keys };
}

function commandDelivery(
  site: Site,
  command: readonly (string | undefined)[],
  env: readonly (string | undefined)[],
  read: readonly (string | undefined)[] | undefined,
): CommandDelivery {
  const argv = command.filter((word) => word !== undefined);
  tell(site, ["command"], commandWording(argv, "[gh, secret, set, ALGORITHMIA_API_KEY]"));
  for (const [index, name] of env.entries())
    if (name !== undefined) check(site, ["env", index], name, seenVariableWording);
  const names = env.filter((name) => name !== undefined);
  if (read === undefined) return { to: "command", command: argv, env: names };
  const reader = read.filter((word) => word !== undefined);
  tell(site, ["read"], commandWording(reader, "[vault, kv, get, -field=key, secret/storefront]"));
  return { to: "command", command: argv, env: names, read: reader };
}

function githubDelivery(site: Site, to: GithubDelivery["to"], name: string): GithubDelivery {
  check(site, ["name"], name, (value, shown) => runnerWording(to, value, shown));
  return { to, name };
}

/** The file from the working folder; tells what is wrong with it. */
function targetOf(site: Site, file: string): string {
  const target = posix.normalize(posix.join(site.from.file.folder, file));
  check(site, ["file"], file, (value, shown) => fileWording(value, target, shown, site.sources));
  return target;
}

function check(
  site: Site,
  field: AttributePath,
  value: string,
  wordingOf: (value: string, shown: string) => Wording | undefined,
): void {
  tell(site, field, wordingOf(value, asWritten(site.from, [...site.path, ...field], value)));
}

function tell({ from, path, problems }: Site, field: AttributePath, wording: Wording | undefined): void {
  if (wording !== undefined) problems.push(problemIn(from, [...path, ...field], wording));
}
