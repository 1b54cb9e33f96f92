import type { AttributePath } from "../core/attribute-path.ts";
import { placeOf, type Delivery } from "../core/delivery.ts";
import { problemIn, type DeclarationFile } from "./declaration-file.ts";
import type { Problems } from "./problem.ts";

/** The places that the declaration has given out, so that no two secrets go to one. */
export interface DeliveryPlaces {
  /** What each place and name was first used for. */
  readonly names: Map<string, { readonly from: DeclarationFile; readonly path: AttributePath }>;
  /** How each file is first used. */
  readonly forms: Map<string, Delivery["to"]>;
  /** The declaration's own files. */
  readonly sources: ReadonlySet<string>;
}

/** Tells of a delivery to a place that another secret goes to, or to a file that is written in another form. */
export function checkPlace(
  from: DeclarationFile,
  path: AttributePath,
  delivery: Delivery,
  { names, forms }: DeliveryPlaces,
  problems: Problems,
): void {
  const code = "invalid-delivery";
  if ("file" in delivery) {
    const { to, file } = delivery;
    const form = forms.get(file);
    if (form !== undefined && form !== to) {
      const summary = `the same file is written both as ${form} and as ${to}`;
      problems.push(problemIn(from, [...path, "to"], { code, summary, fix: "Use one of the two for each file." }));
      return;
    }
    forms.set(file, to);
  }
  const place = `${placeOf(delivery)}\n${"name" in delivery ? delivery.name : ""}`;
  const first = names.get(place);
  if (first === undefined) {
    names.set(place, { from, path });
    return;
  }
  const wording = { code, summary: "another secret goes to the same place", fix: FIXES[delivery.to] } as const;
  const related = [
    { message: "it goes there from here", file: first.from.file, path: first.path, mark: { type: "value" } as const },
  ];
  problems.push(problemIn(from, path, wording, { related }));
}

const FILE_FIX = "Give each key a `name` or a `file` of its own.";
const NAME_FIX = "Give each key a `name` of its own.";
const FIXES: Readonly<Record<Delivery["to"], string>> = {
  dotenv: FILE_FIX,
  json: FILE_FIX,
  age: "Give each key a `file` of its own.",
  command: "Name the place of each key among the arguments.",
  "github-env": NAME_FIX,
  "github-output": NAME_FIX,
};
