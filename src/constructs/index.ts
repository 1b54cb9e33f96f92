/**
 * CDKTF constructs over the same model as declarations in YAML: keys are checked when the app is synthesized, and carried out
 * by Terraform with the provider `algokeys/algorithmia`, or by `algokeys plan --app` without it.
 */
export { AccessCheck, type AccessCheckConfig } from "./access-check.ts";
export { AlgorithmiaProvider, type AlgorithmiaProviderConfig } from "./algorithmia-provider.ts";
export { AlgorithmiaSecret, type AlgorithmiaSecretConfig } from "./algorithmia-secret.ts";
export { ApiKey, type ApiKeyConfig } from "./api-key.ts";
export { ApiKeys, type ApiKeysConfig, type ProjectKey } from "./api-keys.ts";
export { ApplicationKeys, type ApplicationKeysConfig, type EnvironmentFields } from "./application-keys.ts";
export { DataAlgorithmiaApiKey, type DataAlgorithmiaApiKeyConfig } from "./data-algorithmia-api-key.ts";
export { ForbidWildcard, type ForbidWildcardConfig } from "./forbid-wildcard.ts";
export { type CommandLineFields, type KeyFields, type KeyOrigins, type KeyRotationPolicy } from "./key-fields.ts";
export { KeyRotation, type KeyRotationConfig } from "./key-rotation.ts";
export { KeysFromManifest, type KeysFromManifestConfig } from "./keys-from-manifest.ts";
export { RequireReferrers } from "./require-referrers.ts";
export { terraformDataTrigger } from "./terraform-data.ts";
export { type Trigger, type TriggerFactory, type TriggerProps } from "./trigger.ts";
