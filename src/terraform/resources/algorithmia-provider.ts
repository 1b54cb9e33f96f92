import { committedFrom } from "../../api/committed-from.ts";
import { httpKeyApi } from "../../api/http-client.ts";
import type { KeyApi } from "../../api/key-api.ts";
import { nodeTransport } from "../../api/node-transport.ts";
import type { RandomBytes, Sha256 } from "../../core/token.ts";
import { makeProvider } from "../framework/make-provider.ts";
import type { ProviderPort } from "../protocol/provider-port.ts";
import { accessData } from "./access-data.ts";
import { apiKeyData, apiKeysData } from "./api-key-data.ts";
import { apiKeyResource } from "./api-key-resource.ts";
import { apiKeysResource } from "./api-keys-resource.ts";
import { confirmations } from "./confirmations.ts";
import type { Connection } from "./connection.ts";
import { explain } from "./diagnostics.ts";
import { liveKeys } from "./live-keys.ts";
import { checkConfig, PROVIDER_ATTRIBUTES, settingsOf, type Place, type SettingsSources } from "./provider-config.ts";
import { coversFunction, manifestFunction } from "./provider-functions.ts";
import { secretEphemeral } from "./secret-ephemeral.ts";
import { thisRun } from "./this-run.ts";

/** What the provider takes from the process that it runs in. */
export interface ProviderWorld extends SettingsSources {
  readonly random: RandomBytes;
  readonly sha256: Sha256;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Where this run is, for the history. */
  readonly from: string;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Opens an embedded platform; made if it is not there. */
  readonly openEmbedded: (file: string) => Promise<OpenPlatform>;
}

/** A platform that is open. */
export interface OpenPlatform {
  readonly api: KeyApi;
  readonly close: () => Promise<void>;
}

/** The provider `algorithmia`. */
export function algorithmiaProvider(world: ProviderWorld): ProviderPort {
  const { random, sha256 } = world;
  return makeProvider<Connection>({
    description:
      "API keys as code: declares the API keys of an algorithm platform, each restricted to what its application needs.",
    attributes: PROVIDER_ATTRIBUTES,
    validate: checkConfig,
    connect: async (config) => {
      const settings = settingsOf(config, world);
      if (!settings.ok) return settings;
      const { place, account, project } = settings.value;
      const { api: platform, close } = await open(place, world);
      const api = committedFrom(platform, world.from);
      const newId = (): string => Buffer.from(random(ID_BYTES)).toString("hex");
      const ports = { api, project, newId, random, sleep: world.sleep };
      const connection = {
        ...ports,
        url: place.url,
        account,
        live: liveKeys(api, place.url, world.now),
        confirm: confirmations(ports),
        missing: new Set<string>(),
        run: thisRun(),
        sha256,
        now: world.now,
        close,
      };
      return { ok: true, value: connection, diagnostics: [] };
    },
    disconnect: (connection) => connection.close(),
    resources: { algorithmia_api_key: apiKeyResource, algorithmia_api_keys: apiKeysResource(world.env) },
    dataSources: {
      algorithmia_api_key: apiKeyData,
      algorithmia_api_keys: apiKeysData,
      algorithmia_access: accessData,
    },
    ephemeralResources: { algorithmia_secret: secretEphemeral(random, sha256) },
    functions: { manifest: manifestFunction, covers: coversFunction },
    explain,
  });
}

/** 96 random bits, as hexadecimal: the form of change sets' and credentials' ids. */
const ID_BYTES = 12;

async function open(place: Place, world: ProviderWorld): Promise<OpenPlatform> {
  if (place.type === "embedded") return await world.openEmbedded(place.file);
  const { random, sleep } = world;
  const transport = nodeTransport({ url: place.url });
  return {
    api: httpKeyApi({ transport: transport.send, token: place.token, random, sleep }),
    close: () => {
      transport.close();
      return Promise.resolve();
    },
  };
}
