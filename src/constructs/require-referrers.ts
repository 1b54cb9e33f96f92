import type { IConstruct } from "constructs";
import type { IAspect } from "#cdk";
import { cdk } from "./cdk.ts";
import { declaredKeysOf } from "./declared-keys.ts";

/** Ends the synthesis at keys that browsers may call with from any site: `Aspects.of(stack).add(new RequireReferrers())`. */
export class RequireReferrers implements IAspect {
  visit(construct: IConstruct): void {
    for (const { label, fields } of declaredKeysOf(construct)) {
      const { web, referrers } = fields.origins ?? {};
      if (web !== true || referrers !== undefined) continue;
      cdk.Annotations.of(construct).addError(
        `${label}origins.referrers: pages of any site may call with this key. Name the sites: ` +
          '`referrers: ["shop.example.com"]`.',
      );
    }
  }
}
