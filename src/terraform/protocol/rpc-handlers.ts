import type { MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { GenService } from "@bufbuild/protobuf/codegenv2";
import type { Provider } from "./tfplugin6.generated.ts";

type Methods = typeof Provider extends GenService<infer Shape> ? Shape : never;

/** The service's methods by name: decoded request in, answer out. They do not throw. */
export type ProviderHandlers = {
  readonly [Name in keyof Methods]: (
    request: MessageShape<Methods[Name]["input"]>,
  ) => Promise<MessageInitShape<Methods[Name]["output"]>>;
};

/** Those of the service's methods that one part serves. */
export type HandlersOf<Name extends keyof ProviderHandlers> = Pick<ProviderHandlers, Name>;
